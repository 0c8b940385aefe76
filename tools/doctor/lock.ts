import { hostname } from "node:os";
import { type Command, terraformOn } from "../support/shell";
import type { StackFolder } from "../support/stack-folder";
import { type Lock, heldBy } from "../support/state-lock";
import { type Finding, fact, problem } from "./finding";

export interface Locks {
  /** The object `<key>.tflock`. */
  readonly object?: Lock;
  /** The item `<bucket>/<key>`. */
  readonly item?: Lock;
}

/** A Terraform, or a provider of one, that runs in the stack's folder on this machine. */
export interface Runner {
  readonly pid: number;
  readonly name: string;
  /** Its Terraform has gone. */
  readonly orphan: boolean;
}

/** Terraform takes one lock, then the other, within a second or two: a younger half may be a whole in the making. */
const HALF_SECONDS = 30;

/** Whether somebody holds the lock who still works, or what a killed one left does: then nothing else that the doctor sees holds still. */
export function isBusy({ object, item }: Locks, runners: readonly Runner[]): boolean {
  return runners.some(({ orphan }) => orphan || (object ?? item) !== undefined);
}

/** Who holds the lock, since when and from where; what frees it. */
export function lockFindings(
  stack: string,
  { bucket, key, lockTable }: Pick<StackFolder, "bucket" | "key" | "lockTable">,
  locks: Locks,
  runners: readonly Runner[],
  now = new Date(),
): Finding[] {
  const { object, item } = locks;
  const orphans = runners.filter(({ orphan }) => orphan).map(orphaned);
  const lock = object ?? item;
  if (lock === undefined) return [fact("Lock", "free"), ...orphans];
  const holder = heldBy(lock, now);
  const live = runners.filter(({ orphan }) => !orphan);
  if (live.length > 0) {
    const pids = live.map(({ name, pid }) => `${name} ${String(pid)}`).join(", ");
    return [
      problem(
        "Lock",
        `held ${holder}. It may be alive: ${pids} runs in the stack's folder on this machine. Wait for it.`,
      ),
    ];
  }
  const here = lock.who.endsWith(`@${hostname()}`)
    ? "That is this machine, and no Terraform runs in this stack's folder: unless it runs in another checkout or container, it was killed."
    : "Ask there, or look at the CI's runs, whether it is alive. Unlock only if it was killed.";
  const unlock = (text: string, ...commands: Command[]): Finding => ({
    ...problem("Lock", text, ...commands),
    unlocks: true,
  });
  if (object && item && object.id === item.id) {
    return [...orphans, unlock(`held ${holder}. ${here}`, terraformOn(stack, "force-unlock", "-force", lock.id))];
  }
  // `force-unlock` releases half a lock too, but says that it failed.
  const freeObject: Command = ["aws", "s3api", "delete-object", "--bucket", bucket, "--key", `${key}.tflock`];
  const freeItem: Command = [
    ...(["aws", "dynamodb", "delete-item", "--table-name", lockTable] as const),
    ...["--key", JSON.stringify({ LockID: { S: `${bucket}/${key}` } })],
  ];
  if (object && item) {
    return [
      ...orphans,
      unlock(`two different locks: the object ${holder}, the item ${heldBy(item, now)}. ${here}`, freeObject, freeItem),
    ];
  }
  const half = object ? "only the object in S3" : "only the item in DynamoDB";
  if (age(lock, now) < HALF_SECONDS) {
    return [
      ...orphans,
      problem("Lock", `being taken or given back ${holder}: ${half} is there. Ask again in half a minute.`),
    ];
  }
  return [...orphans, unlock(`half a lock, ${half}, held ${holder}. ${here}`, object ? freeObject : freeItem)];
}

function orphaned({ pid, name }: Runner): Finding {
  return problem(
    "Lock",
    `${name} (process ${String(pid)}) is left of a killed Terraform in this stack's folder: what it began it may still finish.`,
    // It may have ended by itself until this is typed.
    ["sh", "-c", `kill ${String(pid)} || true`],
  );
}

function age({ created }: Lock, now: Date): number {
  const time = Date.parse(created);
  return Number.isNaN(time) ? Infinity : (now.getTime() - time) / 1000;
}
