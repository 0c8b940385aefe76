import { UsageError, previewPrefix } from "../../deployment";
import { type Environment } from "../../environments/environment";
import { type System, systems } from "../../stacks";
import { currentBranch } from "./git-branch";
import { type Variables, projectContext, root as project } from "./project";
import type { StackFolder } from "./stack-folder";

/** The system that SYSTEM names, or else `context.system` of cdktf.json. It may be none of ours. */
export function chosenSystem(context: string, { SYSTEM }: Variables): string {
  return SYSTEM || context;
}

/**
 * The prefix of a system's environment, by PREFIX or the branch where it allows previews. Elsewhere too, what names another
 * system is refused: whoever asks means that one.
 * @param root the checkout whose branch it is
 * @throws UsageError as `previewPrefix` does
 */
export function chosenPrefix(
  { shortName }: Pick<System, "shortName">,
  { previews }: Pick<Environment, "previews">,
  root: string,
  env: Variables,
): string {
  const { branch } = currentBranch(root, env);
  const prefix = previewPrefix({
    shortName,
    systems: Object.fromEntries(Object.entries(systems).map(([long, system]) => [system.shortName, long])),
    branch: previews ? branch : (branch ?? ""), // The CI releases a tag to production.
    override: env["PREFIX"],
  });
  return previews ? prefix : shortName;
}

/**
 * The deployment that SYSTEM, PREFIX and the branch choose, as the app does: for a command that needs no synth.
 * @throws UsageError as `previewPrefix` does, and for a system or an environment that there is not
 */
export function chosenDeployment(
  environment: string,
  env: Variables,
): Pick<StackFolder, "system" | "environment" | "deployment"> {
  const name = chosenSystemName(env);
  const system = knownSystem(name);
  const settings = system.environments[environment];
  if (!settings) {
    throw new UsageError(
      `${name} has no ${environment}: expected one of ${Object.keys(system.environments).join(", ")}.`,
    );
  }
  return { system: name, environment, deployment: `${chosenPrefix(system, settings, project, env)}-${environment}` };
}

/** Likewise the system alone, which may be none of ours: where the app of cdktf.json is another one than main.ts. */
export function chosenSystemName(env: Variables): string {
  return chosenSystem(projectContext().system, env);
}

/** @throws UsageError that lists the systems */
export function knownSystem(name: string): System {
  const system = Object.hasOwn(systems, name) ? systems[name] : undefined;
  if (!system) throw new UsageError(unknownSystem(name));
  return system;
}

export function unknownSystem(name: string): string {
  return `SYSTEM: expected one of ${Object.keys(systems).join(", ")}, got "${name}". Set SYSTEM, or context.system in cdktf.json.`;
}
