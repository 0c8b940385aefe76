import type { ClientConfig } from "../support/aws-clients";
import { columns } from "../support/columns";
import { digestOf, findImage } from "../support/ecr-images";
import { NONE } from "../support/released-services";
import { described } from "./copied-images";
import { type Standing } from "./standing";

/** A service of the target, before and after. */
export interface Row {
  /** "api" */
  readonly service: string;
  readonly source: string;
  readonly target: string;
  readonly changes: boolean;
}

/** What each service of the target runs now, beside what it would run. @param digests that are promoted, by image */
export async function compared(
  source: { readonly all: readonly Standing[]; readonly clients: ClientConfig },
  target: { readonly all: readonly Standing[]; readonly clients: ClientConfig },
  digests: ReadonlyMap<string, string>,
): Promise<Row[]> {
  return Promise.all(
    target.all.map(async (standing) => {
      const { image } = standing.service.repository;
      const counterpart = source.all.find(({ service }) => service.repository.image === image);
      const digest = digestOf(standing.runs ?? standing.pointer);
      return {
        service: standing.service.path,
        source: counterpart ? await inWords(counterpart, source.clients) : NONE,
        target: await inWords(standing, target.clients),
        changes: digest === undefined || digest !== digests.get(image) || standing.pointer !== standing.runs,
      };
    }),
  );
}

/** The rows as lines in columns, under the deployments' names. */
export function table(rows: readonly Row[], source: string, target: string): string[] {
  return columns([
    ["service", `${source} runs`, `${target} runs`, ""],
    ...rows.map(({ service, source, target, changes }) => [service, source, target, changes ? "changes" : "same"]),
  ]);
}

/** What runs, by its tag and digest; what has not been released is `none`. */
async function inWords({ service, pointer, runs }: Standing, clients: ClientConfig): Promise<string> {
  if (pointer === NONE) return NONE;
  const reference = runs ?? pointer;
  const digest = digestOf(reference);
  if (digest === undefined) return reference.replace(/^.*\//, "");
  const image = await findImage(service.repository.name, { digest }, clients);
  return described(image ?? { digest, tags: [] });
}
