import { type Architecture } from "./architecture";
import { mermaid } from "./mermaid";
import { svg } from "./svg";

/** An environment whose picture stands in the README. */
export interface Shown {
  readonly system: string;
  readonly environment: string;
}

/** `<!-- diagram: flow-builder dev -->`, what the command writes, and `<!-- /diagram -->`. */
const SECTION = /<!-- diagram: (\S+) (\S+) -->[^]*?<!-- \/diagram -->/g;

/** The environments that a README has a place for. */
export function shownIn(readme: string): Shown[] {
  return [...readme.matchAll(SECTION)].map(([, system, environment]) => ({
    system: String(system),
    environment: String(environment),
  }));
}

/** The committed picture, from the checkout's root. */
export function pictureFile({ system, environment }: Shown): string {
  return `docs/${system}-${environment}.svg`;
}

/** The README and the picture in it, by path, as they must be. */
export async function illustrated(
  readme: string,
  shown: Shown,
  architecture: Architecture,
): Promise<Record<string, string>> {
  const section = [
    `<!-- diagram: ${shown.system} ${shown.environment} -->`,
    `![${architecture.title}: its network tiers, and who talks to whom](${pictureFile(shown)})`,
    "<details>\n<summary>The same as text, to see what a change does to it</summary>",
    `\`\`\`mermaid\n${mermaid(architecture)}\`\`\``,
    "</details>",
    "<!-- /diagram -->",
  ].join("\n\n");
  const written = readme.replace(SECTION, (before, system, environment) =>
    system === shown.system && environment === shown.environment ? section : before,
  );
  return { "README.md": written, [pictureFile(shown)]: await svg(architecture) };
}
