import { dirname, posix } from "node:path";
import { type Architecture } from "./architecture";
import { mermaid } from "./mermaid";
import { svg } from "./svg";

/** The documents with pictures, from the checkout's root. */
export const DOCUMENTS = ["README.md", "docs/systems.md"] as const;

/** An environment whose picture stands in a document. */
export interface Shown {
  readonly system: string;
  readonly environment: string;
}

/** `<!-- diagram: flow-builder dev -->`, what the command writes, and `<!-- /diagram -->`. */
const SECTION = /<!-- diagram: (\S+) (\S+) -->[^]*?<!-- \/diagram -->/g;

/** The environments that a document has a place for. */
export function shownIn(text: string): Shown[] {
  return [...text.matchAll(SECTION)].map(([, system, environment]) => ({
    system: String(system),
    environment: String(environment),
  }));
}

/** The committed picture, from the checkout's root. */
function pictureFile({ system, environment }: Shown): string {
  return `docs/${system}-${environment}.svg`;
}

/** A document and the picture in it, by path, as they must be. @param text of the document at `path` */
export async function illustrated(
  path: string,
  text: string,
  shown: Shown,
  architecture: Architecture,
): Promise<Record<string, string>> {
  const picture = posix.relative(dirname(path), pictureFile(shown));
  const section = [
    `<!-- diagram: ${shown.system} ${shown.environment} -->`,
    `![${architecture.title}: its network tiers, and who talks to whom](${picture})`,
    "<details>\n<summary>The same as text, to see what a change does to it</summary>",
    `\`\`\`mermaid\n${mermaid(architecture)}\`\`\``,
    "</details>",
    "<!-- /diagram -->",
  ].join("\n\n");
  const written = text.replace(SECTION, (before, system, environment) =>
    system === shown.system && environment === shown.environment ? section : before,
  );
  return { [path]: written, [pictureFile(shown)]: await svg(architecture) };
}
