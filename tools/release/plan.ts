import { createHash } from "node:crypto";
import { existsSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { printed } from "../check-plan/table";
import { refused } from "../check-plan/refused";
import { type PlanReview, reviewPlan } from "../check-plan/review";
import { terraform } from "../support/cdktf";
import { Failure } from "../support/failure";
import { synthesizedResources } from "../support/synthesized-resources";
import type { ImageRepository } from "../support/released-services";
import type { Session } from "./session";

type Tell = (progress: string) => void;

/**
 * Makes a plan, and what check-plan says of it. What is allowed in vain is no error, other than there: a repeated
 * release has done it already.
 */
export async function planned(
  session: Session,
  allowed: readonly string[],
  tell: Tell,
  targets: readonly string[] = [],
): Promise<PlanReview> {
  const { name, stack, context, env, log } = session;
  session.checkSame();
  const tool = { env, log, tell };
  await initialized(session, tell);
  await terraform(stack.folder, ["plan", "-input=false", "-no-color", "-out=plan", ...targets], context, tool);
  session.plan = digestOf(stack.folder);
  const review = await reviewPlan(name, { allowed: [], env });
  return { ...review, allowed, refusals: review.refusals.filter(({ address }) => !allowed.includes(address)) };
}

/** Applies exactly the plan that was shown. */
export async function applied(session: Session, tell: Tell): Promise<void> {
  const { name, stack, context, env, log } = session;
  session.checkSame();
  if (session.plan === undefined || session.plan !== digestOf(stack.folder)) {
    throw new Failure(
      `The plan in ${stack.folder} is not the one that was shown: somebody planned ${name} anew meanwhile. It was not applied.`,
      { next: session.again },
    );
  }
  await terraform(stack.folder, ["apply", "-input=false", "-no-color", "plan"], context, { env, log, tell });
  rmSync(join(stack.folder, "plan"), { force: true });
}

/**
 * Makes the repositories, with what belongs to them, and nothing else: images are pushed before anything runs them.
 * @throws Failure where that would lose something: a repository that is renamed goes with its images
 */
export async function makeRepositories(
  session: Session,
  repositories: readonly ImageRepository[],
  allowed: readonly string[],
  tell: Tell,
): Promise<void> {
  const all = synthesizedResources(session.stack.folder);
  const targets = repositories.flatMap((repository) => {
    const { path = [] } = all.find(({ address }) => address === repository.address) ?? {};
    const within = all.filter((it) => path.every((id, index) => it.path[index] === id));
    return within.map(({ address }) => `-target=${address}`);
  });
  const review = await planned(session, allowed, tell, targets);
  if (review.refusals.length > 0) throw refused(review);
  await applied(session, tell);
}

/** `terraform init`, once in a release: the folder's backend may be another deployment's. */
async function initialized(session: Session, tell: Tell): Promise<void> {
  if (session.initialized) return;
  const { stack, context, env, log } = session;
  await terraform(stack.folder, ["init", "-input=false", "-no-color"], context, { env, log, tell });
  session.initialized = true;
}

export function isEmpty({ changes, outputs }: PlanReview): boolean {
  return changes.length === 0 && outputs.length === 0;
}

/** The review as check-plan prints it. */
export function shown(review: PlanReview): string {
  const { isTTY, columns } = process.stdout;
  return printed(review, { colour: isTTY && !process.env["NO_COLOR"], width: isTTY ? columns : undefined });
}

/** Of the plan that lies in a stack's folder, where any `cdktf plan` puts its own. */
function digestOf(folder: string): string | undefined {
  const file = join(folder, "plan");
  return existsSync(file) ? createHash("sha256").update(readFileSync(file)).digest("hex") : undefined;
}
