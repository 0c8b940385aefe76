import { UsageError, previewPrefix } from "../../deployment";
import { type Environment } from "../../environments/environment";
import { type System, systems } from "../../stacks";
import { currentBranch } from "./git-branch";
import { Failure } from "./failure";
import { type Variables, projectContext, projectFile, root as project } from "./project";
import { typed } from "./shell";
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
    const known = Object.keys(system.environments).join(", ");
    const another = typed({ without: ["--confirm"] }).replaceAll(
      new RegExp(`( |=)${environment}\\b`, "g"),
      "$1<environment>",
    );
    throw new Failure(`${name} has no ${environment}: expected one of ${known}.`, { next: another });
  }
  return { system: name, environment, deployment: `${chosenPrefix(system, settings, project, env)}-${environment}` };
}

/** Likewise; undefined for a system that only the app of cdktf.json can know, since that is another one than main.ts. */
export function chosenOfOurs(environment: string, env: Variables): ReturnType<typeof chosenDeployment> | undefined {
  const elsewhere = !Object.hasOwn(systems, chosenSystemName(env)) && !/(^|[\s/])main\.ts$/.test(projectFile().app);
  return elsewhere ? undefined : chosenDeployment(environment, env);
}

/** That main.ts would take SYSTEM, PREFIX and the branch, for all environments. @throws UsageError likewise */
export function checkChosen(env: Variables): void {
  const system = knownSystem(chosenSystemName(env));
  for (const settings of Object.values(system.environments)) chosenPrefix(system, settings, project, env);
}

/** Likewise the system alone, which may be none of ours: where the app of cdktf.json is another one than main.ts. */
export function chosenSystemName(env: Variables): string {
  return chosenSystem(projectContext().system, env);
}

/** @throws UsageError that lists the systems */
export function knownSystem(name: string): System {
  const system = Object.hasOwn(systems, name) ? systems[name] : undefined;
  if (system) return system;
  const known = Object.keys(systems);
  throw new UsageError(
    `SYSTEM: expected one of ${known.join(", ")}, got "${name}". Set SYSTEM, or context.system in cdktf.json.`,
    "SYSTEM=<system>",
  );
}
