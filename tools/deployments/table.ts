import { isPreview } from "../destroy/target";
import { columns } from "../support/columns";
import { age } from "../support/time";
import { type Branches, branchesOf, isGone } from "./branches";
import type { Listed } from "./listing";

const HEAD = ["deployment", "system", "resources", "serial", "made", "changed", "image", "branch", "notes"];

/** Deployments for people, in columns. */
export function table(deployments: readonly Listed[], branches: Branches, now = new Date()): string {
  return columns([HEAD, ...deployments.map((one) => row(one, branches, now))]).join("\n");
}

function row(listed: Listed, branches: Branches, now: Date): string[] {
  const { deployment, system, environment, made, changed, state, images, locked } = listed;
  const notes = [
    ...(state === undefined ? [`its state cannot be read: npm run doctor -- ${environment}`] : []),
    ...(state?.resources === 0 ? ["destroyed, but not to the end"] : []),
    ...(state?.isProtected ? ["protected"] : []),
    ...(locked === undefined ? [] : [locked]),
  ];
  return [
    ...[deployment, system, state ? String(state.resources) : "?", state ? String(state.serial) : "?"],
    made ? `${age(made, now)} ago` : "?",
    `${age(changed, now)} ago`,
    images === undefined ? "" : images.length === 0 ? "none" : images.join(", "),
    branch(listed, branches),
    notes.join("; "),
  ];
}

function branch(listed: Listed, branches: Branches): string {
  if (!isPreview(listed)) return "";
  if (isGone(listed, branches)) return "GONE";
  return branchesOf(listed, branches).join(", ") || "?";
}
