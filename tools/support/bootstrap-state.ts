import { cpSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { CreateServiceLinkedRoleCommand, IAMClient } from "@aws-sdk/client-iam";
import type { ClientConfig } from "./aws-clients";
import { type Tool, terraform } from "./cdktf";
import { localFolder } from "./project";
import { bucketExists, checkAccount, stateVersion, tableExists } from "./remote-state";
import { type StackFolder, readStack } from "./stack-folder";
import type { Context } from "./terraform-errors";

const OVERRIDE = "backend_override.tf.json";
/** Not terraform.tfstate, which `terraform init` would offer to migrate by itself. */
const STATE = "bootstrap.tfstate";

export interface Bootstrap extends Tool {
  /** "dev" */
  readonly environment: string;
  readonly clients: ClientConfig;
  /** The command that goes on where this one broke off. */
  readonly again: string;
}

/**
 * Makes an environment's state bucket and lock table: they are applied with the state in a local file, then that state
 * moves into the bucket itself. It works in a folder of its own, so that a broken-off run never leaves cdktf.out with
 * another backend. Safe to repeat, and it goes on wherever it was broken off:
 * - the state is in the bucket: only the rests of the move are removed;
 * - the local state knows less than AWS has (a kill between a creation and its record): that is imported;
 * - no state at all but a bucket: the same, so that a lost state can be made anew.
 * Before it makes the first of them, it makes the role of ECS. The stack must have been synthesized.
 * @throws Failure when the credentials are missing or another account's
 */
export async function bootstrapState(bootstrap: Bootstrap): Promise<string> {
  const { environment, clients, again } = bootstrap;
  const stack = readStack(`${environment}-state-stack`);
  await checkAccount(clients, environment, stack.accountId, again);
  const folder = workFolder(environment, stack, clients);
  const there = (await bucketExists(clients, stack.bucket)) && (await stateVersion(clients, stack)) !== undefined;
  let made = "already there";
  if (!there) {
    const lacking = await makeEcsRole(clients);
    await makeAndMove(folder, stack, bootstrap);
    made = lacking === undefined ? stack.bucket : `${stack.bucket}; ${lacking}`;
  }
  rmSync(folder, { recursive: true, force: true });
  return made;
}

/**
 * Makes the role that ECS takes in an account, once and for all. The account's first CreateCluster makes it too, but AWS needs
 * longer for that than the provider waits, and the cluster's capacity providers are refused: "Unable to assume the service
 * linked role". It has no deployment in its name: a destroy leaves it.
 * @returns what is lacking where the right to do so is missing; undefined when the role is there
 */
export async function makeEcsRole(clients: ClientConfig): Promise<string | undefined> {
  try {
    await new IAMClient(clients).send(new CreateServiceLinkedRoleCommand({ AWSServiceName: "ecs.amazonaws.com" }));
  } catch (error) {
    const { name, message } = error as Error;
    if (name.startsWith("AccessDenied"))
      return 'no right to make the role of ECS (iam:CreateServiceLinkedRole): if the first deploy ends with "Unable to assume the service linked role", deploy again';
    if (!name.startsWith("InvalidInput") || !message.includes("has been taken in this account")) throw error;
  }
  return undefined;
}

/** One for each AWS that is bootstrapped: a broken-off state of the local AWS must never meet the real one of the same number. */
function workFolder(environment: string, { accountId }: StackFolder, { endpoint }: ClientConfig): string {
  const where = endpoint ? new URL(endpoint).host.replace(/[^\w.]/g, "-") : "aws";
  return localFolder("bootstrap", `${environment}-${accountId}-${where}`);
}

async function makeAndMove(
  folder: string,
  stack: StackFolder,
  { environment, clients, again, ...tool }: Bootstrap,
): Promise<void> {
  const context: Context = { stack: `${environment}-state-stack`, environment, accountId: stack.accountId, again };
  const run = (...args: string[]): Promise<unknown> => terraform(folder, [...args, "-no-color"], context, tool);
  const state = join(folder, STATE);

  mkdirSync(folder, { recursive: true });
  for (const file of ["cdk.tf.json", ".terraform.lock.hcl"]) cpSync(join(stack.folder, file), join(folder, file));
  writeFileSync(join(folder, OVERRIDE), JSON.stringify({ terraform: { backend: { local: { path: STATE } } } }));
  await run("init", "-input=false", "-reconfigure");
  for (const { address, id } of await unrecorded(folder, stack, clients))
    await run("import", "-input=false", address, id);
  await run("apply", "-input=false", "-auto-approve");

  rmSync(join(folder, OVERRIDE));
  await run("init", "-input=false", "-reconfigure");
  await run("state", "push", state);
}

interface Unrecorded {
  readonly address: string;
  readonly id: string;
}

/** What is in AWS under our names, but not in the local state. The rest of the stack are settings, which may be put twice. */
async function unrecorded(folder: string, stack: StackFolder, clients: ClientConfig): Promise<Unrecorded[]> {
  const recorded = recordedTypes(join(folder, STATE));
  const wanted = [
    { type: "aws_s3_bucket", id: stack.bucket, exists: bucketExists(clients, stack.bucket) },
    { type: "aws_dynamodb_table", id: stack.lockTable, exists: tableExists(clients, stack.lockTable) },
  ];
  const found: Unrecorded[] = [];
  for (const { type, id, exists } of wanted) {
    if ((await exists) && !recorded.has(type)) found.push({ address: addressOf(stack, type), id });
  }
  return found;
}

function recordedTypes(state: string): ReadonlySet<string> {
  if (!existsSync(state)) return new Set();
  const text = readFileSync(state, "utf8");
  const { resources = [] } = (text === "" ? {} : JSON.parse(text)) as {
    resources?: { type: string; instances: unknown[] }[];
  };
  return new Set(resources.filter(({ instances }) => instances.length > 0).map(({ type }) => type));
}

function addressOf(stack: StackFolder, type: string): string {
  const text = readFileSync(join(stack.folder, "cdk.tf.json"), "utf8");
  const { resource } = JSON.parse(text) as { resource: Record<string, Record<string, unknown>> };
  return `${type}.${Object.keys(resource[type] ?? {}).join()}`;
}
