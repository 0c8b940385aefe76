import { systems } from "../../stacks";
import { Failure } from "./failure";
import { agreed, answer, canAsk } from "./question";
import type { StackFolder } from "./stack-folder";

export interface Given {
  readonly yes: boolean;
  /** The deployment's name. */
  readonly confirm?: string;
}

/** What is asked for. */
export interface Deed {
  /** What it is done to. */
  readonly on: Pick<StackFolder, "system" | "environment" | "deployment">;
  /** "destroy it", and with the ending of the third person. */
  readonly verb: readonly [plain: string, third: string];
}

/**
 * Whether somebody wants what loses data, after being shown what. A yes is enough where there are previews; what has none, as
 * production, is to be named.
 * @param again the command, without the options that answer
 * @throws Failure where nobody can be asked, or another deployment was named
 */
export async function consent(
  { on: { system, environment, deployment }, verb: [plain, third] }: Deed,
  { yes, confirm }: Given,
  again: string,
): Promise<boolean> {
  if (confirm !== undefined && confirm !== deployment) {
    throw new Failure(`--confirm says ${confirm}, and this is ${deployment}. Nothing was changed.`);
  }
  const named = !systems[system]?.environments[environment]?.previews;
  if (confirm === deployment || (yes && !named)) return true;
  const option = named ? `--confirm ${deployment}` : "--yes";
  if (!canAsk() || yes) {
    const why = yes ? `--yes is not enough for ${environment}` : "There is no terminal to ask at";
    throw new Failure(`${why}: ${option} ${third} without asking. Nothing was changed.`, {
      next: `${again} ${option}`,
    });
  }
  if (named) return (await answer(`Type ${deployment} to ${plain}: `)) === deployment;
  return agreed(`${plain[0]?.toUpperCase() ?? ""}${plain.slice(1)}?`);
}
