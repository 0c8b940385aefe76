import { previewPrefix } from "../../deployment";
import { type Environment } from "../../environments/environment";
import { type System, systems } from "../../stacks";
import { currentBranch } from "./git-branch";
import type { Variables } from "./project";

/** The system that SYSTEM names, or else `context.system` of cdktf.json. It may be none of ours. */
export function chosenSystem(context: string, { SYSTEM }: Variables): string {
  return SYSTEM || context;
}

/**
 * The prefix of a system's environment, by PREFIX or the branch where it allows previews.
 * @param root the checkout whose branch it is
 * @throws UsageError as `previewPrefix` does
 */
export function chosenPrefix(
  { shortName }: Pick<System, "shortName">,
  { previews }: Pick<Environment, "previews">,
  root: string,
  env: Variables,
): string {
  if (!previews) return shortName;
  return previewPrefix({
    shortName,
    systems: Object.fromEntries(Object.entries(systems).map(([long, system]) => [system.shortName, long])),
    branch: currentBranch(root, env).branch,
    override: env["PREFIX"],
  });
}
