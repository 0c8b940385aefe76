import { columns } from "../support/columns";
import { NONE } from "../support/released-services";

/** A service and its images, as people read them. */
export interface Row {
  readonly service: string;
  readonly runs: string;
  readonly then: string;
}

const HEAD: Row = { service: "service", runs: "runs", then: "will run" };

/**
 * An image as people know it: by its tags, and the beginning of its digest.
 * @param tags of it in its repository
 */
export function imageName(reference: string | undefined, tags: readonly string[] = []): string {
  if (reference === undefined || reference === NONE) return "nothing";
  const digest = /@(sha256:[0-9a-f]{12})/.exec(reference)?.[1];
  if (digest === undefined) return reference.replace(/^.*\//, "");
  return [...tags, digest].join(" ");
}

/** One line a service. @param head of the columns @default what runs, and what will */
export function imagesTable(rows: readonly Row[], head: Partial<Row> = {}): string {
  const cells = [{ ...HEAD, ...head }, ...rows].map(({ service, runs, then }) => [service, runs, then]);
  return columns(cells)
    .map((line) => ` ${line}`)
    .join("\n");
}
