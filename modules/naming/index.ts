import { createHash } from "node:crypto";
import { TerraformStack } from "cdktf";
import { type Construct, type Node } from "constructs";

/** The id of a construct's primary resource. It vanishes from addresses and names: `flows/this` is `flows`. */
export const PRIMARY = "this";

/** The ids from the stack down to a construct: path = address = AWS name = alarm name. */
export function pathOf(construct: Construct | Node): string[] {
  const { scopes } = "scopes" in construct ? construct : construct.node;
  const stack = scopes.findLastIndex((scope) => TerraformStack.isStack(scope));
  return scopes
    .slice(stack + 1)
    .map((scope) => scope.node.id)
    .filter((id) => id !== PRIMARY);
}

/** The deployment that a construct belongs to ("fb-dev"); the stack's own id in a test without one. */
export function deploymentOf(construct: Construct): string {
  return (construct.node.tryGetContext("deployment") as string | undefined) ?? TerraformStack.of(construct).node.id;
}

/**
 * The ids that AWS names are made of: those of a construct's path and further ones, or those before a move that keeps
 * the names (`stacks/moves.ts`).
 */
export function nameOf(construct: Construct, ...further: string[]): string[] {
  const kept = (construct.node.tryGetContext("kept-names") as Readonly<Record<string, string>> | undefined) ?? {};
  return formerPath([...pathOf(construct), ...further], new Map(Object.entries(kept)));
}

export interface PhysicalNameOptions {
  /** The longest name that AWS takes, in characters: target group and load balancer 32, ElastiCache 40, RDS 63, IAM role and Lambda 64, SQS 80. */
  readonly max: number;
  /** A further part, such as the digest of what replaces the resource. @default none */
  readonly suffix?: string;
}

/**
 * The AWS name of a construct: the deployment and the path, "fb-dev-flows-dead-letters", or the path before a move
 * that keeps the names. A longer one than `max` is cut, and ends in a digest of the whole, so that two long names stay
 * different.
 */
export function physicalName(construct: Construct, { max, suffix }: PhysicalNameOptions): string {
  return fit([deploymentOf(construct), ...nameOf(construct, ...(suffix ? [suffix] : []))].join("-"), max);
}

/** A digest of values, for names that must change when what replaces the resource changes. 8 hexadecimal digits. */
export function digest(...values: unknown[]): string {
  return createHash("sha256").update(JSON.stringify(values)).digest("hex").slice(0, 8);
}

function formerPath(path: string[], kept: ReadonlyMap<string, string>): string[] {
  for (let length = path.length; length > 0; length -= 1) {
    const now = path.slice(0, length).join("/");
    const former = kept.get(now);
    if (former === undefined) continue;
    const others = new Map([...kept].filter(([to]) => to !== now));
    return formerPath([...former.split("/"), ...path.slice(length)], others);
  }
  return path;
}

function fit(name: string, max: number): string {
  if (name.length <= max) return name;
  return `${name.slice(0, max - 9).replace(/-+$/, "")}-${digest(name)}`;
}
