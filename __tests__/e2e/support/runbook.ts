import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { root } from "../../../tools/support/project";
import { awsCli } from "../../../tools/support/python";
import { type WorkingTree } from "./working-tree";

/**
 * The blocks of shell commands right below a heading of docs/runbook.md, as a reader would paste them.
 * @param headings from the outermost: "A psql session", "1. The instance"
 * @throws Error when there is no such heading, or no block below it
 */
export function commandsOf(...headings: string[]): string[] {
  const below = headings.reduce(
    (text, heading, index) => {
      const mark = "#".repeat(index + 2);
      const [, after] = text.split(`\n${mark} ${heading}\n`);
      return `\n${(after ?? "").split(new RegExp(`\n#{2,${String(index + 2)}} `))[0] ?? ""}`;
    },
    readFileSync(join(root, "docs/runbook.md"), "utf8"),
  );
  const blocks = [...below.matchAll(/\n```sh\n(.*?)\n```/gs)].map(([, block]) => String(block));
  if (blocks.length === 0) throw new Error(`docs/runbook.md has no commands at ${headings.join(" → ")}.`);
  return blocks;
}

/** Pastes a block into a shell in which each command must succeed, with the variables that the reader has set. */
export function paste(
  project: WorkingTree,
  block: string,
  variables: Readonly<Record<string, string>>,
): Promise<string> {
  const PATH = `${dirname(awsCli)}:${project.env["PATH"] ?? ""}`;
  return project.with({ ...variables, PATH }).shell(`set -euo pipefail\n${block}`);
}
