import type { ClientConfig } from "./aws-clients";
import type { StackFolder } from "./stack-folder";
import { lockItem, storedObject } from "./state-object";
import { since } from "./time";

/** What Terraform writes into both of its locks. */
export interface Lock {
  readonly id: string;
  /** "OperationTypeApply" */
  readonly operation: string;
  /** "ada@laptop" */
  readonly who: string;
  readonly created: string;
}

export function parseLock(info: string | undefined): Lock | undefined {
  if (info === undefined) return undefined;
  try {
    const { ID, Operation, Who, Created } = JSON.parse(info) as Record<string, unknown>;
    return { id: String(ID), operation: String(Operation), who: String(Who), created: String(Created) };
  } catch {
    return { id: "", operation: "", who: "somebody whose note cannot be read", created: "" };
  }
}

/** Who holds Terraform's lock on a state, be it only half of it; undefined when it is free. */
export async function stateLock(
  config: ClientConfig,
  stack: Pick<StackFolder, "bucket" | "key" | "lockTable">,
): Promise<Lock | undefined> {
  const { bucket, key } = stack;
  const [object, item] = await Promise.all([
    storedObject(config, { bucket, key: `${key}.tflock` }),
    lockItem(config, stack, `${bucket}/${key}`),
  ]);
  return parseLock(object?.text ?? item?.info);
}

/** "by a Terraform apply of ada@laptop since 2026-11-21 12:03:44 UTC (14 minutes ago) (lock 0a1b…)". */
export function heldBy({ id, operation, who, created }: Lock, now = new Date()): string {
  const kind = operation.replace(/^OperationType/, "").toLowerCase() || "run";
  const when = Number.isNaN(Date.parse(created)) ? "" : ` since ${since(new Date(created), now)}`;
  return `by a Terraform ${kind} of ${who}${when}${id ? ` (lock ${id})` : ""}`;
}
