import { accounts } from "../../environments/accounts";
import { type Variables } from "../support/project";
import { type StackFolder, readEnvironment, readStack, stackNames } from "../support/stack-folder";

/** What a command was asked for: "dev" is "dev-stack", and "dev-state" is "dev-state-stack"; all else stays as it is. */
export function planAsked(given: string, outdir?: string): string {
  const stack = `${given}-stack`;
  return Object.hasOwn(accounts, given) || stackNames(outdir).includes(stack) ? stack : given;
}

/**
 * The stack that a command was asked for by its name; undefined for a file, which says itself what it is a plan of.
 * @throws Failure when it is an environment's own, and SYSTEM or PREFIX ask for another deployment than was synthesized last
 */
export function stackAsked(given: string, env: Variables = process.env, outdir?: string): StackFolder | undefined {
  if (!stackNames(outdir).includes(given)) return undefined;
  const own = Object.keys(accounts).find((environment) => given === `${environment}-stack`);
  return own === undefined ? readStack(given, outdir) : readEnvironment(own, env, outdir);
}
