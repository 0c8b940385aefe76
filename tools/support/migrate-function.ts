import { InvokeCommand, LambdaClient } from "@aws-sdk/client-lambda";
import { prefixOf } from "../../deployment";
import type { MigrateCommand, MigrateReport } from "../../functions/common/migrate/migrations";
import type { ClientConfig } from "./aws-clients";
import { Failure, Interrupted } from "./failure";
import { liveFunctions } from "./live-functions";
import { migratesByTask } from "./released-services";
import { interruptions } from "./run";
import { forThisDeployment } from "./shell";
import type { StackFolder } from "./stack-folder";

/** The path of the function in the stacks that have it: those of Notifications and Event Scheduling. */
const PATH = "migrate";

/** The name of the stack's function that migrates its database. @throws Failure that says what migrates it, when it has none */
export function migrateFunction({ folder, system, environment, deployment }: StackFolder): string {
  const found = liveFunctions(folder).find(({ path }) => path === PATH);
  if (found) return found.name;
  const byTask = migratesByTask(folder);
  const how = byTask
    ? "its migrations run as a task with its image, which a release starts"
    : "its images migrate by themselves, or there is no database";
  // What was synthesized need not be what the shell would release.
  const itself = { SYSTEM: system, PREFIX: prefixOf(deployment, environment) };
  throw new Failure(
    `${deployment} has no function "${PATH}": ${how}. The way back: docs/runbook.md, "A migration taken back".`,
    { next: forThisDeployment(`npm run release -- ${environment}${byTask ? " --migrate" : ""}`, itself) },
  );
}

/** Milliseconds: Lambda's limit is 15 minutes. */
const LONGEST = 16 * 60_000;
const POLL = 250;
const MAY_GO_ON = "The migration may go on; a lock keeps a second one from joining it.";

/** Which function migrates what. */
export interface Migrator {
  readonly name: string;
  /** "dev" */
  readonly environment: string;
  readonly clients: ClientConfig;
}

/**
 * Lets the function do it, and waits for its end: 15 minutes at most, Lambda's limit. Its newest code, not the alias's:
 * the database is migrated before a release's traffic shifts. A first ctrl-C waits too, a second one leaves it going.
 * @throws Failure with the function's own sentence; or, when the answer was lost, how to learn what became of it
 */
export async function invokeMigrate(
  { name, environment, clients }: Migrator,
  command: MigrateCommand,
  tell: (progress: string) => void,
): Promise<MigrateReport> {
  // Never again by itself: a migration that goes on after a lost connection must not be joined by a second one.
  const client = new LambdaClient({ ...clients, maxAttempts: 1, requestHandler: { requestTimeout: LONGEST } });
  const left = new AbortController();
  let told = false;
  const watching = setInterval(() => {
    if (interruptions() > 1) left.abort();
    if (interruptions() > 0 && !told) tell("waits for its end, 15 minutes at most; a second ctrl-C leaves it going");
    told = interruptions() > 0;
  }, POLL);
  const status = { next: `npm run migrate -- ${environment} --status` };
  try {
    const { FunctionError, Payload } = await client.send(
      new InvokeCommand({ FunctionName: name, Payload: JSON.stringify(command) }),
      { abortSignal: left.signal },
    );
    const answer: unknown = JSON.parse(Buffer.from(Payload ?? []).toString() || "null");
    if (FunctionError === undefined) return answer as MigrateReport;
    const { errorMessage = FunctionError } = answer as { errorMessage?: string };
    throw new Failure(errorMessage, { next: `aws logs tail /aws/lambda/${name} --since 1h` });
  } catch (error) {
    if (left.signal.aborted) throw new Interrupted(`Interrupted. ${MAY_GO_ON}`, status);
    if (isLost(error))
      throw new Failure(`The answer of ${name} was lost (${(error as Error).message}). ${MAY_GO_ON}`, status);
    if ((error as Error).name !== "ResourceNotFoundException") throw error;
    throw new Failure(`The function ${name} is not deployed.`, { next: "npx cdktf deploy" });
  } finally {
    clearInterval(watching);
    client.destroy();
  }
}

/** Whether the connection broke after the function was asked. */
function isLost(error: unknown): boolean {
  const { name, message, code = "" } = error as Error & { code?: string };
  return /\b(ECONNRESET|EPIPE|ETIMEDOUT|TimeoutError)\b/.test([name, code, message].join(" "));
}
