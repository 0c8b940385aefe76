import { Failure } from "../support/failure";
import { agreed, answer, canAsk } from "../support/question";
import { type Target, isPreview } from "./target";

export interface Given {
  readonly yes: boolean;
  /** The deployment's name. */
  readonly confirm?: string;
}

/**
 * Whether somebody wants a deployment destroyed, after they were shown what goes with it. A yes is enough for a copy of a
 * branch and for a shared dev; what has no previews, as production, is to be named.
 * @param named whether it has to be named
 * @throws Failure where nobody can be asked, or another deployment was named
 */
export async function consented(
  target: Target,
  named: boolean,
  lost: readonly string[],
  { yes, confirm }: Given,
  again: string,
): Promise<boolean> {
  const { deployment, system, environment } = target;
  if (confirm !== undefined && confirm !== deployment) {
    throw new Failure(`--confirm says ${confirm}, and this is ${deployment}. Nothing was changed.`);
  }
  const kind = isPreview(target) ? "the preview" : "the shared";
  console.log(
    [
      `\nThis destroys ${kind} ${deployment} (${system}, ${environment}) for good, and with it:`,
      ...lost.map((line) => `  ${line}`),
      "",
    ].join("\n"),
  );
  if (confirm === deployment || (yes && !named)) return true;
  const option = named ? `--confirm ${deployment}` : "--yes";
  if (!canAsk() || yes) {
    const why = yes ? `--yes is not enough for ${environment}` : "There is no terminal to ask at";
    throw new Failure(`${why}: ${option} destroys it without asking. Nothing was changed.`, {
      next: `${again} ${option}`,
    });
  }
  if (named) return (await answer(`Type ${deployment} to destroy it: `)) === deployment;
  return agreed("Destroy it?");
}
