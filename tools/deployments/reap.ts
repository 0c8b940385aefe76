import { demolish } from "../destroy/demolition";
import { preflight } from "../destroy/preflight";
import { commandOn, isPreview } from "../destroy/target";
import type { ClientConfig } from "../support/aws-clients";
import { Failure, Interrupted, failureOf } from "../support/failure";
import { freshLog, root } from "../support/project";
import { age } from "../support/time";
import { type Branches, isGone, knownBranches } from "./branches";
import type { Listed } from "./listing";

const LOOK_AGAIN = { next: "npm run deployments -- reap" };

export interface Doomed {
  readonly listed: Listed;
  readonly clients: ClientConfig;
}

export interface Choice {
  readonly doomed: readonly Listed[];
  /** Those that would be, and why they are not: "wo-7-dev: locked by …". */
  readonly spared: readonly string[];
}

/**
 * The previews whose branch is gone. Never a shared deployment, a protected one, or one that somebody works on.
 * @param idle milliseconds since the last change of those that may go
 */
export function chosen(deployments: readonly Listed[], branches: Branches, idle: number, now = new Date()): Choice {
  const gone = deployments.filter((listed) => isPreview(listed) && isGone(listed, branches));
  const judged = gone.map((listed) => ({ listed, reason: reasonToSpare(listed, idle, now) }));
  return {
    doomed: judged.filter(({ reason }) => reason === undefined).map(({ listed }) => listed),
    spared: judged.flatMap(({ listed, reason }) => (reason === undefined ? [] : [`${listed.deployment}: ${reason}`])),
  };
}

function reasonToSpare({ environment, state, changed, locked }: Listed, idle: number, now: Date): string | undefined {
  if (state === undefined) return `its state cannot be read (npm run doctor -- ${environment})`;
  if (state.isProtected) return "it is protected";
  if (locked !== undefined) return locked;
  if (now.getTime() - changed.getTime() < idle) return `it was changed ${age(changed, now)} ago`;
  return undefined;
}

/**
 * @param unasked whether nobody will be asked before they are destroyed
 * @throws Failure where a branch may look gone that is not: nobody or this checkout alone was asked, or a remote did not answer
 */
export function checkAsked({ asked, silent }: Branches, unasked: boolean): void {
  if (asked.length === 0) {
    throw new Failure("This is no git checkout: which branches are gone cannot be known. Nothing was changed.");
  }
  if (silent.length > 0) {
    throw new Failure(
      `${silent.join(", ")} did not answer, so that a branch which is only there would look gone. Nothing was changed.`,
      { next: `git ls-remote --heads ${String(silent[0])}` },
    );
  }
  if (unasked && asked.length === 1) {
    throw new Failure(
      "This checkout has no remote, so that the branches of others look gone: --yes would destroy their previews. Nothing was changed.",
      { next: "git remote add origin <url>, or without --yes at a terminal" },
    );
  }
}

/** Each destroy takes its time, and so may the answer to the question. @throws Failure where somebody came back meanwhile */
async function checkStillGone(listed: Listed, serial: number | undefined): Promise<void> {
  if (serial !== listed.state?.serial) throw new Failure("It was changed meanwhile, and is left as it is.", LOOK_AGAIN);
  if (!isGone(listed, await knownBranches(root)))
    throw new Failure("It has a branch again, and is left as it is.", LOOK_AGAIN);
}

/**
 * Destroys deployments, one after the other; one that fails does not keep the next from it.
 * @returns what went wrong, one line for each that is still there
 */
export async function reap(doomed: readonly Doomed[], env: Readonly<Record<string, string>>): Promise<string[]> {
  const failed: string[] = [];
  for (const { listed, clients } of doomed) {
    const { environment, deployment } = listed;
    const again = commandOn(listed, `npm run destroy -- ${environment}`);
    console.log(`\n${deployment}`);
    try {
      const state = await preflight(listed, clients, again);
      await checkStillGone(listed, state?.serial);
      await demolish({ target: listed, clients, env, log: freshLog(`destroy-${deployment}`), again });
    } catch (error) {
      const failure = failureOf(error);
      if (failure === undefined || failure instanceof Interrupted) throw error;
      const { message, advice } = failure;
      failed.push(`${deployment}: ${message}\n  Next: ${advice.next ?? again}`);
    }
  }
  return failed;
}
