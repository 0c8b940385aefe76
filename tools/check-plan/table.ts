import { styleText } from "node:util";
import Table from "cli-table3";
import { type Action, type Change, type Drift, type OutputChange, compare } from "./changes";
import { type PlanReview } from "./review";

export interface Terminal {
  readonly colour: boolean;
  /** Columns of the terminal; undefined where lines may be of any length. */
  readonly width: number | undefined;
}

interface Row {
  readonly where: string;
  readonly action: Action;
  readonly what: string;
  readonly why: string;
}

const VERBS: Readonly<Record<Action, string>> = {
  create: "to create",
  update: "to update in place",
  replace: "to replace",
  delete: "to delete",
  forget: "to forget",
  import: "to import",
  move: "to move",
};
const COLOURS: Readonly<Record<Action, "green" | "yellow" | "red" | "cyan">> = {
  create: "green",
  update: "yellow",
  replace: "red",
  delete: "red",
  forget: "red",
  import: "cyan",
  move: "cyan",
};
/** More of one kind in one part of the stack are told in one line. */
const MOST_ROWS = 3;
const MOST_TYPES = 4;
const MOST_NAMES = 5;
const HEAD = ["construct", "change", "resource", "what changes, or why"];
/** The last column takes what the others leave, but never less than this. */
const NARROWEST = 24;

/** A review for people: what changes, by construct, the totals, the outputs, and what was changed behind Terraform's back. */
export function printed(review: PlanReview, { colour, width }: Terminal): string {
  const { deployment, stack, changes, outputs, drift, complete, notCompared } = review;
  const notes = [
    ...(outputs.length > 0 ? [`Outputs: ${described(outputs)}.`] : []),
    ...(drift.length > 0 ? [`Changed outside of Terraform: ${some(drift.map(drifted))}.`] : []),
    ...(complete ? [] : ["This plan leaves something out (-target)."]),
    ...(notCompared === undefined ? [] : [`Not compared with the state: ${notCompared}.`]),
  ];
  const table = changes.length > 0 ? ["", tableOf(rowsOf(review), { colour, width }), ""] : [];
  return [`${deployment} (${stack}): ${totals(changes, outputs.length > 0)}.`, ...table, ...notes].join("\n").trimEnd();
}

/** "2 to create, 1 to replace"; "no changes". */
function totals(changes: readonly Change[], outputs = false): string {
  const counted = (Object.keys(VERBS) as Action[])
    .map((action) => ({ action, count: changes.filter((change) => change.action === action).length }))
    .filter(({ count }) => count > 0)
    .map(({ action, count }) => `${String(count)} ${VERBS[action]}`);
  return counted.join(", ") || (outputs ? "only outputs change" : "no changes");
}

/** One row a change; many of one kind in one part of the stack, for the same reason, share one. */
function rowsOf({ changes, refusals }: PlanReview): Row[] {
  const refused = new Set(refusals.map(({ address }) => address));
  const groups = new Map<string, Change[]>();
  for (const change of changes) {
    const { path, action, address } = change;
    const key = refused.has(address) ? address : `${String(path[0])} ${action} ${why(change)}`;
    groups.set(key, [...(groups.get(key) ?? []), change]);
  }
  const rows = [...groups.values()].flatMap((group) =>
    group.length > MOST_ROWS ? [together(group)] : group.map((change) => row(change, refused.has(change.address))),
  );
  return rows.sort((a, b) => compare(sortKey(a), sortKey(b)));
}

/** What stands for many comes before the rest of its part. */
function sortKey({ where }: Row): string {
  return where.replace("…", "");
}

function row(change: Change, refused: boolean): Row {
  const { path, action, type } = change;
  return {
    where: path.join("/"),
    action,
    what: type,
    why: [...(refused ? ["REFUSED"] : []), why(change)].join(" ").trim(),
  };
}

function together(changes: readonly Change[]): Row {
  const [first] = changes as [Change];
  const types = new Map<string, number>();
  for (const { type } of changes) types.set(type, (types.get(type) ?? 0) + 1);
  const named = [...types].sort(([, a], [, b]) => b - a).map(([type, n]) => (n > 1 ? `${String(n)} ${type}` : type));
  const reason = why(first);
  const more = named.length > MOST_TYPES ? ["…"] : [];
  return {
    where: `${String(first.path[0])}/…`,
    action: first.action,
    what: `${String(changes.length)} resources`,
    why: [...(reason ? [reason] : []), [...named.slice(0, MOST_TYPES), ...more].join(", ").replaceAll("aws_", "")].join(
      ": ",
    ),
  };
}

function why({ action, arguments: changed, forcedBy, reason, movedFrom, importId, deposed }: Change): string {
  return [
    ...(movedFrom === undefined ? [] : [`was ${movedFrom}`]),
    ...(importId === undefined ? [] : [`is ${importId}`]),
    ...(deposed === undefined ? [] : ["what a broken-off replacement left"]),
    ...(reason === undefined ? [] : [reason]),
    ...(forcedBy.length > 0 ? [`because of ${forcedBy.join(", ")}`] : []),
    ...(action === "update" ? [changed.join(", ")] : []),
  ]
    .filter(Boolean)
    .join("; ");
}

/** What is new is counted: a first deploy has them all. */
function described(outputs: readonly OutputChange[]): string {
  const named = (action: OutputChange["action"]): string[] =>
    outputs.filter((output) => output.action === action).map(({ name }) => name);
  const [made, updated, gone] = [named("create"), named("update"), named("delete")];
  return [
    ...(made.length > 0 ? [`${String(made.length)} new`] : []),
    ...(updated.length > 0 ? [`${some(updated)} changed`] : []),
    ...(gone.length > 0 ? [`${some(gone)} gone`] : []),
  ].join("; ");
}

function drifted({ address, deleted, arguments: changed }: Drift): string {
  return `${address} (${deleted ? "deleted" : changed.join(", ")})`;
}

function tableOf(rows: readonly Row[], { colour, width }: Terminal): string {
  const none = {
    top: "",
    "top-mid": "",
    "top-left": "",
    "top-right": "",
    bottom: "",
    "bottom-mid": "",
    "bottom-left": "",
    "bottom-right": "",
  };
  const inner = { left: " ", "left-mid": "", mid: "", "mid-mid": "", right: "", "right-mid": "", middle: "  " };
  const cells = rows.map(({ where, action, what, why }) => [where, action, what, why]);
  const widths = HEAD.map((title, i) => Math.max(title.length, ...cells.map((row) => row[i]?.length ?? 0)));
  const taken = widths.slice(0, -1).reduce((sum, one) => sum + one + 2, 1);
  const last =
    width === undefined ? widths.at(-1) : Math.min(widths.at(-1) ?? 0, Math.max(NARROWEST, width - taken - 1));
  const table = new Table({
    head: [...HEAD],
    colWidths: [null, null, null, last ?? null],
    wordWrap: true,
    chars: { ...none, ...inner },
    style: { head: [], border: [], compact: true, "padding-left": 0, "padding-right": 0 },
  });
  for (const { where, action, what, why } of rows) {
    table.push([where, colour ? styleText(COLOURS[action], action) : action, what, why]);
  }
  return table.toString().replace(/ +$/gm, "");
}

function some(names: readonly string[]): string {
  const more = names.length - MOST_NAMES;
  return [...names.slice(0, MOST_NAMES), ...(more > 0 ? [`and ${String(more)} more`] : [])].join(", ");
}
