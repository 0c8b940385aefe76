import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import execa from "execa";
import { checkChosen } from "./chosen-deployment";
import { environmentAsked } from "./environment-argument";
import { Failure } from "./failure";
import { root } from "./project";
import { type StackFolder, readStack, stackNames } from "./stack-folder";
import { type SynthesizedResource, synthesizedResources } from "./synthesized-resources";

export interface Synthesis {
  readonly stack: StackFolder;
  readonly resources: readonly SynthesizedResource[];
}

/**
 * Synthesizes the chosen system and reads one of its stacks. In a folder of its own: cdktf.out keeps what the last
 * deploy left there.
 * @param again the command that asks, without its arguments
 * @throws Failure with what the synth told, or for an environment that there is not
 */
export async function synthesis(environment: string | undefined, again: string): Promise<Synthesis> {
  return ofSynthesis((outdir) => {
    const stack = readStack(
      `${environmentAsked(
        environment,
        again,
        stackNames(outdir).map((name) => name.replace(/-stack$/, "")),
      )}-stack`,
      outdir,
    );
    return { stack, resources: synthesizedResources(stack.folder) };
  });
}

/**
 * Likewise, what somebody reads of the stacks, as long as they are there.
 * @throws UsageError for a SYSTEM, PREFIX or branch that no synth takes
 */
export async function ofSynthesis<T>(read: (outdir: string) => T): Promise<T> {
  checkChosen(process.env);
  const outdir = mkdtempSync(join(tmpdir(), "groundplan-synth-"));
  try {
    await synthesize(outdir);
    return read(outdir);
  } finally {
    rmSync(outdir, { recursive: true, force: true });
  }
}

/** The app alone, in a second: the CLI around it takes another two, and tells nothing that the stack does not. */
async function synthesize(outdir: string): Promise<void> {
  const { exitCode, all } = await execa("ts-node", ["-T", "main.ts"], {
    cwd: root,
    localDir: root,
    preferLocal: true,
    env: { CDKTF_OUTDIR: outdir },
    all: true,
    reject: false,
    stdin: "ignore",
  });
  if (exitCode === 0) return;
  throw new Failure(`The stacks do not synthesize:\n${String(all)}`, {
    next: "npx cdktf synth",
  });
}
