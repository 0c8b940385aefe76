import { isDeepStrictEqual } from "node:util";
import { type SynthesizedResource } from "../support/synthesized-resources";
import { type PlanJson, type ResourceChange } from "./plan-json";

/** `import` and `move`: nothing else changes. */
export type Action = "create" | "update" | "replace" | "delete" | "forget" | "import" | "move";

/** What a plan does to one resource. Names only: a value may be a secret. */
export interface Change {
  readonly address: string;
  readonly type: string;
  /** Where it stands in the stack's code: `["flows", "dead-letters"]`. */
  readonly path: readonly string[];
  readonly action: Action;
  /** The arguments that an update or a replacement changes. */
  readonly arguments: readonly string[];
  /** Those of them that AWS cannot change in place. */
  readonly forcedBy: readonly string[];
  /** Why Terraform does it, where it says so: "tainted", "no longer in the stack". */
  readonly reason?: string;
  /** Its address until now. */
  readonly movedFrom?: string;
  /** What is imported. */
  readonly importId?: string;
  /** The object that a broken-off replacement left behind. */
  readonly deposed?: string;
}

/** Something that was changed outside of Terraform. */
export interface Drift {
  readonly address: string;
  readonly deleted: boolean;
  readonly arguments: readonly string[];
}

export interface OutputChange {
  readonly name: string;
  readonly action: "create" | "update" | "delete";
}

const REASONS: Readonly<Record<string, string>> = {
  replace_because_tainted: "tainted",
  replace_by_request: "asked for by -replace",
  replace_by_triggers: "asked for by replace_triggered_by",
  delete_because_no_resource_config: "no longer in the stack",
};

/** What a plan changes, in the order of the paths; data sources that are read are no change. */
export function changesOf(plan: PlanJson, synthesized: readonly SynthesizedResource[]): Change[] {
  const paths = new Map(synthesized.map(({ address, path }) => [address, path]));
  const configured = new Map(
    plan.configuration.root_module.resources.map(({ type, name, expressions }) => [
      `${type}.${name}`,
      Object.keys(expressions),
    ]),
  );
  const changes = plan.resource_changes.flatMap((resource): Change[] => {
    const action = actionOf(resource);
    if (resource.mode !== "managed" || action === undefined) return [];
    const { address, type, deposed, change, previous_address: movedFrom, action_reason } = resource;
    const reason = REASONS[action_reason ?? ""];
    const importId = change.importing?.id;
    const bare = address.replace(/\[.*$/, "");
    const compares = action === "update" || action === "replace";
    return [
      {
        address,
        type,
        // What is deleted is not in the stack any more; its address has the path.
        path: paths.get(bare) ?? bare.replace(/^.*\./, "").split("_"),
        action,
        arguments: compares ? changedArguments(resource, configured.get(bare) ?? []) : [],
        forcedBy: [...new Set((change.replace_paths ?? []).map(([argument]) => String(argument)))],
        ...(reason !== undefined && { reason }),
        ...(movedFrom !== undefined && { movedFrom }),
        ...(importId !== undefined && { importId }),
        ...(deposed !== undefined && { deposed }),
      },
    ];
  });
  return changes.sort((a, b) => compare(a.path.join("/"), b.path.join("/")) || compare(a.address, b.address));
}

/** What is not as Terraform left it. Its provider also reads `null` back as an empty text or list: that is no drift. */
export function driftOf({ resource_drift }: PlanJson): Drift[] {
  return resource_drift
    .filter(({ mode }) => mode === "managed")
    .map((resource) => ({
      address: resource.address,
      deleted: resource.change.actions.includes("delete"),
      arguments: resource.change.actions.includes("delete") ? [] : changedArguments(resource, []),
    }))
    .filter(({ deleted, arguments: changed }) => deleted || changed.length > 0);
}

export function outputsOf({ output_changes }: PlanJson): OutputChange[] {
  return Object.entries(output_changes).flatMap(([name, { actions }]) => {
    const action = (["create", "update", "delete"] as const).find((one) => actions.includes(one));
    return action === undefined ? [] : [{ name, action }];
  });
}

function actionOf({ change: { actions, importing }, previous_address }: ResourceChange): Action | undefined {
  if (actions.includes("forget")) return "forget";
  if (actions.includes("delete")) return actions.includes("create") ? "replace" : "delete";
  if (actions.includes("create")) return "create";
  if (actions.includes("update")) return "update";
  if (importing) return "import";
  return previous_address === undefined ? undefined : "move";
}

/**
 * An argument that is known only after the apply counts when the stack sets it; others are AWS's answers (a version, a
 * date), which every update makes unknown.
 */
function changedArguments({ change }: ResourceChange, configured: readonly string[]): string[] {
  const before = change.before ?? {};
  const after = change.after ?? {};
  const unknown = typeof change.after_unknown === "object" ? change.after_unknown : {};
  const changed = Object.keys({ ...before, ...after, ...unknown }).filter((name) =>
    name in after
      ? !isDeepStrictEqual(nothing(before[name]), nothing(after[name]))
      : unknown[name] === true && configured.includes(name),
  );
  // The provider's default tags and the resource's own together: a consequence.
  return changed.filter((name) => name !== "tags_all" || !changed.includes("tags")).sort();
}

function nothing(value: unknown): unknown {
  const empty = typeof value === "object" && value !== null && Object.keys(value).length === 0;
  return value === "" || value === undefined || empty ? null : value;
}

export function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
