import { imageName, imagesTable } from "./images-table";
import type { Prepared } from "./preparation";
import type { Session } from "./session";
import { questions } from "./smoke-test";

/** What a release came to: where it answers, what ran before and what runs now, and how long it took. */
export async function summary(
  session: Session,
  { before, wanted, earlier, names }: Prepared,
  begun: number,
): Promise<string> {
  const { deployment } = session.stack;
  const name = (image: string | undefined): string => names.get(image ?? "") ?? imageName(image);
  const rows = before.map(({ service: { path } }) => ({
    service: path,
    runs: name(earlier.get(path)),
    then: name(wanted.get(path)),
  }));
  const urls = [...(await questions(session)).values()].map(({ url }) => `  ${url.origin}`);
  const seconds = String(Math.round((Date.now() - begun) / 1000));
  return [
    `${deployment} is released, in ${seconds} s.`,
    ...(rows.length > 0 ? ["", imagesTable(rows, { runs: "ran before", then: "runs now" })] : []),
    ...(urls.length > 0 ? ["", ...urls] : []),
  ].join("\n");
}
