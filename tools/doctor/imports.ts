import { existsSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { IMPORTS_FILE } from "../../stacks/synthesize";
import { type Command, shellText, terraformOn } from "../support/shell";
import { type Finding, note, problem } from "./finding";
import { waitFor } from "./waits";

/** What AWS has, the code too, and the state not. */
export interface Import {
  readonly type: string;
  readonly address: string;
  /** What `terraform import` takes. */
  readonly id: string;
}

/** Each `terraform import` takes 5 to 10 s; more of them go into import blocks, which one plan reads in seconds. */
const ONE_BY_ONE = 3;

interface ImportBlocks {
  readonly import: readonly { readonly to: string; readonly id: string }[];
}

/** Writes import blocks beside the stack: the next plan shows what they import, the next apply does it. None removes the file. */
export function writeImports(folder: string, imports: readonly Import[]): void {
  const file = join(folder, IMPORTS_FILE);
  rmSync(file, { force: true });
  if (imports.length === 0) return;
  const blocks: ImportBlocks = { import: imports.map(({ address, id }) => ({ to: address, id })) };
  // Whole or not at all: with half a file no command of Terraform works, those that mend the rest neither.
  writeFileSync(`${file}.part`, `${JSON.stringify(blocks, null, 2)}\n`);
  renameSync(`${file}.part`, file);
}

/** The import blocks that are there, as `<address> <id>`; undefined without a file. */
export function readImports(folder: string): ReadonlySet<string> | undefined {
  const file = join(folder, IMPORTS_FILE);
  if (!existsSync(file)) return undefined;
  try {
    const { import: blocks } = JSON.parse(readFileSync(file, "utf8")) as ImportBlocks;
    return new Set(blocks.map(({ to, id }) => `${to} ${id}`));
  } catch {
    return new Set([""]); // Cut off while it was written: it has to be written again.
  }
}

export interface ImportQuestion {
  /** "dev-stack" */
  readonly stack: string;
  readonly imports: readonly Import[];
  /** `readImports` of the stack's folder. */
  readonly blocks: ReadonlySet<string> | undefined;
  /** The command that calls `writeImports`. */
  readonly write: Command;
}

/** How the state gets to know what AWS has: a few with a command each, many with import blocks. */
export function importFindings({ stack, imports, blocks, write }: ImportQuestion): Finding[] {
  const path = `cdktf.out/stacks/${stack}/${IMPORTS_FILE}`;
  if (blocks !== undefined) {
    const wanted = new Set(imports.map(({ address, id }) => `${address} ${id}`));
    if (imports.length === 0) return [problem("Resources", `${path} has done its work:`, ["rm", path])];
    if (wanted.size === blocks.size && [...wanted].every((line) => blocks.has(line))) {
      const count = imports.length === 1 ? "One import waits" : `${String(imports.length)} imports wait`;
      return [
        note(
          "Resources",
          `${count} in ${path} for the next apply. Read its plan first: nothing may be replaced${besides(imports)}.`,
        ),
      ];
    }
  }
  const waits = imports.flatMap(({ type, id }) => waitFor(type, id));
  const commands = imports.map(({ address, id }) => terraformOn(stack, "import", "-input=false", address, id));
  if (blocks === undefined && imports.length <= ONE_BY_ONE) {
    return imports.map(({ type, address, id }, index) =>
      problem(
        "Resources",
        `${address} exists, and the state does not know it:`,
        ...waitFor(type, id),
        ...commands.slice(index, index + 1),
      ),
    );
  }
  return [
    problem(
      "Resources",
      [
        `${String(imports.length)} resources exist, and the state does not know them. One by one:`,
        ...commands.map((command) => `    ${shellText(command)}`),
        `  Or all at once, with import blocks in ${path} that the next plan shows and the next apply imports:`,
      ].join("\n"),
      ...waits,
      write,
    ),
  ];
}

/** The provider reads no `network_interface` of an instance that it imports (terraform-provider-aws, issue 16567). */
function besides(imports: readonly Import[]): string {
  const instances = imports.filter(({ type }) => type === "aws_instance").map(({ address }) => address);
  return instances.length > 0
    ? ` but ${instances.join(", ")}, which holds nothing and keeps its interface and address`
    : "";
}
