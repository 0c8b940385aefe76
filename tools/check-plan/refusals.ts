import { STATEFUL, isStateful, keepsLess } from "../../stacks/stateful";
import { Failure } from "../support/failure";
import { type Change } from "./changes";
import { type PlanJson } from "./plan-json";

/** A change that loses data, and was not allowed. */
export interface Refusal {
  readonly address: string;
  /** "aws_sqs_queue.flows would be replaced, since its name changes: its messages would be lost." */
  readonly sentence: string;
}

/** What looks like a construct that only got another path. */
export interface Rename {
  readonly from: string;
  readonly to: string;
}

/**
 * The changes that delete, replace or forget what holds data, or make it keep less, without being allowed by address.
 * @throws Failure for an address that is allowed in vain: it has a mistake, or the permission is from an earlier plan
 */
export function refusalsOf(
  plan: PlanJson,
  changes: readonly Change[],
  environment: string,
  allowed: readonly string[],
): Refusal[] {
  const all = changes.flatMap((change) => {
    const sentence = isStateful(change.type, environment) ? harm(change, plan) : undefined;
    return sentence === undefined ? [] : [{ address: change.address, sentence }];
  });
  const vain = allowed.filter((address) => !all.some((refusal) => refusal.address === address));
  if (vain.length > 0) {
    const refused = all.map(({ address }) => address);
    throw new Failure(
      `--allow ${vain.join(", ")}: this plan does nothing to it that must be allowed. ${
        refused.length > 0 ? `What must be: ${[...new Set(refused)].join(", ")}.` : "Nothing in it must be."
      }`,
    );
  }
  return all.filter(({ address }) => !allowed.includes(address));
}

function harm(change: Change, plan: PlanJson): string | undefined {
  const { address, type, action } = change;
  const lost = STATEFUL[type]?.settings ? undefined : loss(change);
  if (lost !== undefined) return lost;
  const less = action === "update" ? weakened(change, plan) : [];
  return less.length > 0 ? `${address} would be less protected: ${list(less)}.` : undefined;
}

function loss({ address, type, action, reason, deposed, forcedBy }: Change): string | undefined {
  const holds = STATEFUL[type]?.holds ?? "data";
  const lost = `its ${holds} would be lost`;
  if (deposed !== undefined) return `${address}, what a broken-off replacement left of it, would be deleted: ${lost}.`;
  if (action === "delete") return `${address} would be deleted${reason ? ` (${reason})` : ""}: ${lost}.`;
  if (action === "forget")
    return `${address} would be forgotten: it stays in AWS, and no deploy looks after it any more.`;
  if (action === "replace") {
    const cause =
      forcedBy.length > 0 ? `, since ${list(forcedBy)} cannot change in place` : reason ? ` (${reason})` : "";
    return `${address} would be replaced${cause}: ${lost}.`;
  }
  return undefined;
}

function weakened({ address, arguments: changed }: Change, { resource_changes }: PlanJson): string[] {
  const change = resource_changes.find((resource) => resource.address === address)?.change;
  const { before, after, after_unknown: unknown } = change ?? {};
  // What is known at the apply only has a value then: a final snapshot that is named after something that is made anew.
  const known = changed.filter((argument) => typeof unknown !== "object" || unknown[argument] !== true);
  return known.filter((argument) => keepsLess(argument, before?.[argument], after?.[argument]));
}

/**
 * What the deleted and the created resources of the same types have in common: `flows_dead-letters` and
 * `jobs_dead-letters` say that `flows` became `jobs`. The rename that most of them speak for, when it is one.
 */
export function renameIn(changes: readonly Change[]): Rename | undefined {
  const votes = new Map<string, number>();
  for (const gone of changes.filter(({ action }) => action === "delete")) {
    for (const made of changes.filter(({ action, type }) => action === "create" && type === gone.type)) {
      const [from, to] = [[...gone.path], [...made.path]];
      while (from.length > 1 && to.length > 1 && from.at(-1) === to.at(-1)) [from, to].forEach((path) => path.pop());
      const vote = `${from.join("/")} ${to.join("/")}`;
      votes.set(vote, (votes.get(vote) ?? 0) + 1);
    }
  }
  const [first, second] = [...votes].sort(([, a], [, b]) => b - a);
  if (first === undefined || first[1] === second?.[1]) return undefined;
  const [from = "", to = ""] = first[0].split(" ");
  return { from, to };
}

function list(names: readonly string[]): string {
  return [names.slice(0, -1).join(", "), ...names.slice(-1)].filter(Boolean).join(" and ");
}
