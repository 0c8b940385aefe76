import { type Given, consent } from "../support/consent";
import { type Target, isPreview } from "./target";

/**
 * Whether somebody wants a deployment destroyed, after they were shown what goes with it.
 * @throws Failure where nobody can be asked, or another deployment was named
 */
export async function consented(
  target: Target,
  lost: readonly string[],
  given: Given,
  again: string,
): Promise<boolean> {
  const { deployment, system, environment } = target;
  const kind = isPreview(target) ? "the preview" : "the shared";
  console.log(
    [
      `\nThis destroys ${kind} ${deployment} (${system}, ${environment}) for good, and with it:`,
      ...lost.map((line) => `  ${line}`),
      "",
    ].join("\n"),
  );
  return consent({ on: target, verb: ["destroy it", "destroys it"] }, given, again);
}
