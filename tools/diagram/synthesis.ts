import { mkdtempSync, readFileSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import execa from "execa";
import { Failure } from "../support/failure";
import { root } from "../support/project";
import { type StackFolder, readStack } from "../support/stack-folder";
import { type SynthesizedResource, synthesizedResources } from "../support/synthesized-resources";

export interface Synthesis {
  readonly stack: StackFolder;
  readonly resources: readonly SynthesizedResource[];
}

/**
 * Synthesizes the chosen system and reads one of its stacks. In a folder of its own: cdktf.out keeps what the last
 * deploy left there.
 * @throws Failure with what the synth told, or for an environment that there is not
 */
export async function synthesis(environment: string | undefined, again: string): Promise<Synthesis> {
  const outdir = mkdtempSync(join(tmpdir(), "diagram-"));
  try {
    await synthesize(outdir, `${again} ${environment ?? ""}`.trim());
    const known = environments(outdir);
    if (environment === undefined || !known.includes(environment)) {
      const got = environment === undefined ? "none" : `"${environment}"`;
      throw new Failure(`Which environment? Expected one of ${known.join(", ")}, got ${got}.`, {
        next: `${again} ${known[0] ?? ""}`,
      });
    }
    const stack = readStack(`${environment}-stack`, outdir);
    return { stack, resources: synthesizedResources(stack.folder) };
  } finally {
    rmSync(outdir, { recursive: true, force: true });
  }
}

/** The app alone, in a second: the CLI around it takes another two, and tells nothing that is drawn. */
async function synthesize(outdir: string, again: string): Promise<void> {
  const { context } = JSON.parse(readFileSync(join(root, "cdktf.json"), "utf8")) as { context: object };
  const { exitCode, all } = await execa("ts-node", ["-T", "main.ts"], {
    cwd: root,
    localDir: root,
    preferLocal: true,
    env: { CDKTF_OUTDIR: outdir, CDKTF_CONTEXT_JSON: JSON.stringify(context) },
    all: true,
    reject: false,
    stdin: "ignore",
  });
  if (exitCode === 0) return;
  throw new Failure(`Nothing is drawn, since the stacks do not synthesize:\n${String(all)}`, {
    next: again,
  });
}

/** By their stacks: "dev", and "dev-state" for the state stack; those that people ask for first. */
function environments(outdir: string): string[] {
  const names = readdirSync(join(outdir, "stacks")).map((stack) => stack.replace(/-stack$/, ""));
  return names.sort((a, b) => Number(a.includes("-")) - Number(b.includes("-")) || a.localeCompare(b, "en"));
}
