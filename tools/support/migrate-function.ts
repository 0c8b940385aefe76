import { InvokeCommand, LambdaClient } from "@aws-sdk/client-lambda";
import type { MigrateCommand, MigrateReport } from "../../functions/common/migrate/migrations";
import type { ClientConfig } from "./aws-clients";
import { Failure } from "./failure";
import { liveFunctions } from "./live-functions";
import type { StackFolder } from "./stack-folder";

/** The path of the function in every stack that has a database of its own. */
const PATH = "migrate";

/** The name of the stack's function that migrates its database. @throws Failure when it has none */
export function migrateFunction(stack: StackFolder): string {
  const found = liveFunctions(stack.folder).find(({ path }) => path === PATH);
  if (found) return found.name;
  throw new Failure(
    `${stack.deployment} has no function "${PATH}": of ${stack.system} nothing is migrated this way. SYSTEM names another system.`,
    { next: "SYSTEM=event-scheduling npx cdktf synth" },
  );
}

/**
 * Lets the function do it, and waits for its end: 15 minutes at most, Lambda's limit. Its newest code, not the alias's:
 * the database is migrated before a release's traffic shifts.
 * @throws Failure with the function's own sentence
 */
export async function invokeMigrate(
  name: string,
  command: MigrateCommand,
  config: ClientConfig,
): Promise<MigrateReport> {
  // Never again by itself: a migration that goes on after a lost connection must not be joined by a second one.
  const client = new LambdaClient({ ...config, maxAttempts: 1 });
  try {
    const { FunctionError, Payload } = await client.send(
      new InvokeCommand({ FunctionName: name, Payload: JSON.stringify(command) }),
    );
    const answer: unknown = JSON.parse(Buffer.from(Payload ?? []).toString() || "null");
    if (FunctionError === undefined) return answer as MigrateReport;
    const { errorMessage = FunctionError } = answer as { errorMessage?: string };
    throw new Failure(errorMessage, { next: `aws logs tail /aws/lambda/${name} --since 1h` });
  } catch (error) {
    if ((error as Error).name !== "ResourceNotFoundException") throw error;
    throw new Failure(`The function ${name} is not deployed.`, { next: "npx cdktf deploy" });
  } finally {
    client.destroy();
  }
}
