import { basename } from "node:path";
import { Failure } from "../support/failure";
import { shellText, terraformOn } from "../support/shell";
import type { PlanReview } from "./review";

/** What a refused plan is told with: each loss, and how to say that it is meant. */
export function refused({ file, stack, refusals, rename }: PlanReview): Failure {
  return new Failure(
    [
      "Refused:",
      ...refusals.map(({ sentence }) => `- ${sentence}`),
      ...(rename
        ? [
            `If ${rename.from} was only renamed to ${rename.to}, say so in stacks/moves.ts (CONTRIBUTING.md, "Rename a construct") and plan again.`,
          ]
        : []),
      `If a loss is meant, allow it by its address: --allow ${String(refusals[0]?.address)}. If not: docs/runbook.md, "A replaced database in a plan".`,
    ].join("\n"),
    // Terraform shows no JSON.
    basename(file) === "plan" ? { next: shellText(terraformOn(stack, "show", "plan")) } : {},
  );
}
