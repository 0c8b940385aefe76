import { rmSync } from "node:fs";
import { dirname, relative } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { ClientConfig } from "../support/aws-clients";
import { terraform } from "../support/cdktf";
import { Failure, Interrupted, failureOf } from "../support/failure";
import { leftovers } from "../support/leftovers";
import type { RecordedResource } from "../support/recorded-state";
import { type ReleaseLock, withReleaseLock } from "../support/release-lock";
import { root } from "../support/project";
import { checkInterrupted } from "../support/run";
import { type Step, runSteps } from "../support/steps";
import { deleteTaskDefinitions } from "../support/task-definitions";
import type { Context } from "../support/terraform-errors";
import { emptyRepositories, stopShifts, stopTasks } from "./blockers";
import { emptyStackFolder, writeEmptyStack } from "./empty-stack";
import { inTheWay } from "./in-the-way";
import { checkUnprotected } from "./protection";
import { deleteRemains, isKept } from "./remains";
import { readState, removeState } from "./state-removal";
import { standing } from "./standing";
import type { Target } from "./target";

export interface Demolition {
  readonly target: Target;
  readonly clients: ClientConfig;
  readonly env: Readonly<Record<string, string>>;
  readonly log: string;
  /** The command that goes on where this one broke off. */
  readonly again: string;
  /** What a shell needs before it can run Terraform itself. @default nothing */
  readonly prelude?: string;
}

/** Terraform waits up to 20 minutes for what AWS lets go of late, such as a function's network interfaces; then once more. */
const MOST_ATTEMPTS = 2;
const LATE = /DependencyViolation|has dependencies|is in use|not ?empty|mapped public address/i;
/** AWS lists what is gone by its tags for a while. */
const FORGETS_SECONDS = 180;
const POLL = 10_000;

/**
 * Destroys a deployment, as its state has it, and shows that nothing of it is left: then its state goes too. Nobody else
 * may change it meanwhile. Can be repeated after any end.
 * @returns what was kept on purpose: snapshots that somebody took
 * @throws Failure that says how things stand
 */
export async function demolish(demolition: Demolition): Promise<readonly string[]> {
  const { target, clients, log, again } = demolition;
  let kept: readonly string[] = [];
  try {
    await withReleaseLock(
      target,
      "destroy",
      clients,
      async (lock) => {
        await runSteps(steps(demolition, lock, (found) => (kept = found)));
      },
      { again },
    );
  } catch (error) {
    const failure = failureOf(error);
    if (failure === undefined) throw error;
    const { message, advice } = failure;
    const kind = error instanceof Interrupted ? Interrupted : Failure;
    throw new kind(`${message}\n${await standing(target, clients)}`, { log, next: again, ...advice });
  }
  return kept;
}

/** What is told at the end. */
export function nothingLeft(deployment: string, kept: readonly string[]): string[] {
  return [
    `Nothing of ${deployment} is left: nothing with its tag, no roles, log groups, network interfaces${kept.length > 0 ? "" : ", snapshots"} or parameters, no state.`,
    ...(kept.length > 0
      ? ["Somebody's backups stay, and cost what they cost:", ...kept.map((line) => `- ${line}`)]
      : []),
  ];
}

function steps(
  { target, clients, env, log, again, prelude }: Demolition,
  lock: ReleaseLock,
  keep: (kept: readonly string[]) => void,
): Step[] {
  const { environment, deployment, accountId } = target;
  const context: Context = {
    ...{ stack: deployment, environment, accountId, again },
    folder: relative(root, emptyStackFolder(target)),
    ...(prelude && { prelude }),
  };
  let recorded: readonly RecordedResource[] = [];
  const step = (title: string, run: Step["run"]): Step => ({
    title,
    run: (tell) => {
      lock.check();
      return run(tell);
    },
  });
  return [
    step("State", async () => {
      recorded = (await readState(target, clients))?.resources ?? [];
      checkUnprotected(target, recorded, again);
      return `${String(recorded.length)} resources`;
    }),
    step("Tasks", async () => {
      await stopShifts(recorded, clients);
      return stopTasks(recorded, clients);
    }),
    step("Images that keep a repository", async () => String(await emptyRepositories(recorded, clients))),
    step(`Destroy ${deployment}`, async (tell) => {
      if (recorded.length === 0) return "nothing is in its state";
      const folder = writeEmptyStack(target, env);
      await terraform(folder, ["init", "-input=false", "-reconfigure", "-no-color"], context, { env, log });
      await destroyed(folder, context, { target, clients, env, log, tell });
      rmSync(dirname(dirname(folder)), { recursive: true, force: true });
      return undefined;
    }),
    step("Task definitions, which Terraform keeps", async () =>
      String(await deleteTaskDefinitions(deployment, clients)),
    ),
    step("What AWS made itself", async () => (await deleteRemains(deployment, clients)) || "nothing"),
    step("What is left", async (tell) => {
      const left = await forgotten(deployment, clients, tell);
      keep(left.filter(isKept));
      const lost = left.filter((line) => !isKept(line));
      if (lost.length > 0)
        throw new Failure([`Of ${deployment} this is left:`, ...lost.map((it) => `- ${it}`), ""].join("\n"));
      return left.length === 0 ? "nothing" : `nothing but ${String(left.length)} that somebody kept`;
    }),
    step("State removed", async () => {
      await removeState(target, clients);
      return "its versions stay in the bucket";
    }),
  ];
}

interface Attempt extends Pick<Demolition, "target" | "clients" | "env" | "log"> {
  readonly tell: (progress: string) => void;
}

/** @throws Failure with what stands in the way, as far as AWS tells */
async function destroyed(folder: string, context: Context, { target, clients, ...tool }: Attempt): Promise<void> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      await terraform(folder, ["destroy", "-auto-approve", "-input=false", "-no-color"], context, tool);
      return;
    } catch (error) {
      if (error instanceof Interrupted || !(error instanceof Failure) || !LATE.test(error.message)) throw error;
      if (attempt < MOST_ATTEMPTS) continue;
      const blocking = await inTheWay(target.deployment, clients);
      throw new Failure([error.message, ...blocking].join("\n"), error.advice);
    }
  }
}

async function forgotten(
  deployment: string,
  clients: ClientConfig,
  tell: (progress: string) => void,
): Promise<string[]> {
  for (const deadline = Date.now() + FORGETS_SECONDS * 1000; ;) {
    const left = await leftovers(deployment, clients);
    // What has no ARN was asked of its own service, which knows at once.
    if (!left.some((line) => line.startsWith("arn:")) || Date.now() > deadline) return left;
    tell(`${String(left.length)}, until AWS has forgotten what is gone`);
    await sleep(POLL);
    checkInterrupted();
  }
}
