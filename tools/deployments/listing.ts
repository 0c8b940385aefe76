import { S3Client, paginateListObjectsV2 } from "@aws-sdk/client-s3";
import { stateBucket, stateStackKey } from "../../deployment";
import { accounts } from "../../environments/accounts";
import type { Account } from "../../environments/environment";
import { isProtected, protections } from "../destroy/protection";
import { type Target, targetOf } from "../destroy/target";
import type { ClientConfig } from "../support/aws-clients";
import { findImage } from "../support/ecr-images";
import { readPointers } from "../support/image-pointers";
import { type RecordedState, parseState } from "../support/recorded-state";
import { NONE } from "../support/released-services";
import { described, livingHolder } from "../support/release-lock";
import { bucketExists } from "../support/remote-state";
import { heldBy, stateLock } from "../support/state-lock";
import { storedObject } from "../support/state-object";

/** A deployment as its state bucket has it. */
export interface Listed extends Target {
  /** When its first role was made. Old versions of the state are deleted after a while, and tell less. @default it has none */
  readonly made?: Date;
  /** When its state was written last. */
  readonly changed: Date;
  /** Undefined when it is no state that can be read. */
  readonly state?: { readonly serial: number; readonly resources: number; readonly isProtected: boolean };
  /** Which images its services run, by tag or the begin of their digest: none before the first release; undefined without services. */
  readonly images?: readonly string[];
  /** Who changes it just now: "a release of wo-dev by ada@laptop runs since …". */
  readonly locked?: string;
}

export interface Listing {
  readonly environment: string;
  readonly bucket: string;
  /** By name. */
  readonly deployments: readonly Listed[];
  /** What lies in the bucket and is no state of ours. */
  readonly others: readonly string[];
}

const STATE = /^([a-z][a-z-]*)\/([^/]+)\/terraform\.tfstate$/;
/** The stacks of the account itself, which are no deployments of a system. */
const OF_ACCOUNTS = ["state", "account"];
/** Twelve digits of a digest, as of a commit. */
const SHORT = /^.*sha256:([\da-f]{12}).*$/;

/** What is deployed in an environment's account; undefined while it has no state bucket. */
export async function listDeployments(environment: string, clients: ClientConfig): Promise<Listing | undefined> {
  const bucket = stateBucket(environment, accounts[environment] as Account);
  if (!(await bucketExists(clients, bucket))) return undefined;
  const found: Target[] = [];
  const others: string[] = [];
  for await (const { Contents = [] } of paginateListObjectsV2({ client: new S3Client(clients) }, { Bucket: bucket })) {
    for (const { Key = "" } of Contents) {
      const target = deploymentAt(Key, environment);
      if (target) found.push(target);
      else if (!isOurs(Key, environment)) others.push(Key);
    }
  }
  const listed = await Promise.all(found.map((target) => looked(target, clients)));
  return {
    environment,
    bucket,
    deployments: listed.filter((it) => it !== undefined).sort((a, b) => (a.deployment < b.deployment ? -1 : 1)),
    others,
  };
}

/** The deployment whose state has a key: `workflow-orchestrator/wo-42-dev/terraform.tfstate`. */
export function deploymentAt(key: string, environment: string): Target | undefined {
  const [, system = "", name = ""] = STATE.exec(key) ?? [];
  if (!name.endsWith(`-${environment}`) || OF_ACCOUNTS.includes(system)) return undefined;
  return targetOf(system, environment, name);
}

/** Locks, and the states of the account's own stacks. */
function isOurs(key: string, environment: string): boolean {
  const state = key.replace(/\.tflock$/, "");
  return deploymentAt(state, environment) !== undefined || state === stateStackKey(environment) || STATE.test(state);
}

async function looked(target: Target, clients: ClientConfig): Promise<Listed | undefined> {
  const [object, lock, holder] = await Promise.all([
    storedObject(clients, target),
    stateLock(clients, target),
    livingHolder(target, clients),
  ]);
  if (!object) return undefined; // Destroyed since the bucket was listed.
  const state = parseState(object.text);
  const locked = holder ? described(target, holder) : lock && `locked ${heldBy(lock)}`;
  const images = state && (await running(state, clients));
  const made = state && firstMade(state);
  return {
    ...target,
    ...(made && { made }),
    changed: object.written,
    ...(state && { state: summary(state, target) }),
    ...(images && { images }),
    ...(locked !== undefined && { locked }),
  };
}

function summary({ serial, resources }: RecordedState, target: Target): NonNullable<Listed["state"]> {
  const counted = new Set(resources.map(({ address }) => address)).size;
  const guarded = protections(resources, target.environment).length > 0;
  return { serial, resources: counted, isProtected: guarded || isProtected(target) };
}

/** When the oldest of its roles was made: of what every system has, only they tell. */
export function firstMade({ resources }: Pick<RecordedState, "resources">): Date | undefined {
  const times = resources
    .filter(({ type }) => type === "aws_iam_role")
    .map(({ attributes }) => Date.parse(String(attributes["create_date"])))
    .filter((time) => !Number.isNaN(time));
  return times.length > 0 ? new Date(Math.min(...times)) : undefined;
}

/** What the services' pointers say now: the state has what they said when it was written. */
async function running({ resources }: RecordedState, clients: ClientConfig): Promise<string[] | undefined> {
  const names = resources
    .filter(({ type }) => type === "aws_ssm_parameter")
    .map(({ attributes }) => String(attributes["name"]))
    .filter((name) => name.endsWith("/image"));
  if (names.length === 0) return undefined;
  const pointers = names.map((name) => ({ path: name, pointer: { name } }));
  const values = new Set((await readPointers(pointers, clients)).values());
  values.delete(NONE);
  return Promise.all([...values].sort().map((value) => tagged(value, clients)));
}

/** "v0.5.1"; the begin of the digest where the image has no tag, or is not to be seen. */
async function tagged(reference: string, clients: ClientConfig): Promise<string> {
  const [, repository, digest] = /^[^/]+\/(.+)@(sha256:[\da-f]{64})$/.exec(reference) ?? [];
  if (repository === undefined || digest === undefined) return reference;
  const image = await findImage(repository, { digest }, clients).catch(() => undefined);
  return image?.tags[0] ?? digest.replace(SHORT, "$1");
}
