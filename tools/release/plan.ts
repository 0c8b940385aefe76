import { rmSync } from "node:fs";
import { join } from "node:path";
import { printed } from "../check-plan/table";
import { type PlanReview, reviewPlan } from "../check-plan/review";
import { terraform } from "../support/cdktf";
import { synthesizedResources } from "../support/synthesized-resources";
import type { ImageRepository } from "../support/released-services";
import type { Session } from "./session";

type Tell = (progress: string) => void;

/**
 * Makes a plan, and what check-plan says of it. What is allowed in vain is no error, other than there: a repeated
 * release has done it already.
 */
export async function planned(session: Session, allowed: readonly string[], tell: Tell): Promise<PlanReview> {
  const { name, stack, context, env, log } = session;
  session.checkSame();
  const tool = { env, log, tell };
  await initialized(session, tell);
  await terraform(stack.folder, ["plan", "-input=false", "-no-color", "-out=plan"], context, tool);
  const review = await reviewPlan(name, { allowed: [], env });
  return { ...review, allowed, refusals: review.refusals.filter(({ address }) => !allowed.includes(address)) };
}

/** Applies exactly the plan that was shown. */
export async function applied(session: Session, tell: Tell): Promise<void> {
  const { stack, context, env, log } = session;
  session.checkSame();
  await terraform(stack.folder, ["apply", "-input=false", "-no-color", "plan"], context, { env, log, tell });
  rmSync(join(stack.folder, "plan"), { force: true });
}

/** Makes the repositories, with what belongs to them, and nothing else: images are pushed before anything runs them. */
export async function makeRepositories(
  session: Session,
  repositories: readonly ImageRepository[],
  tell: Tell,
): Promise<void> {
  const { stack, context, env, log } = session;
  session.checkSame();
  const all = synthesizedResources(stack.folder);
  const targets = repositories.flatMap((repository) => {
    const { path = [] } = all.find(({ address }) => address === repository.address) ?? {};
    const within = all.filter((it) => path.every((id, index) => it.path[index] === id));
    return within.map(({ address }) => `-target=${address}`);
  });
  const tool = { env, log, tell };
  await initialized(session, tell);
  const args = ["apply", "-input=false", "-no-color", "-auto-approve", ...targets];
  await terraform(stack.folder, args, context, tool);
}

const INITIALIZED = new WeakSet<Session>();

/** `terraform init`, once in a release: the folder's backend may be another deployment's. */
async function initialized(session: Session, tell: Tell): Promise<void> {
  if (INITIALIZED.has(session)) return;
  const { stack, context, env, log } = session;
  await terraform(stack.folder, ["init", "-input=false", "-no-color"], context, { env, log, tell });
  INITIALIZED.add(session);
}

export function isEmpty({ changes, outputs }: PlanReview): boolean {
  return changes.length === 0 && outputs.length === 0;
}

/** The review as check-plan prints it. */
export function shown(review: PlanReview): string {
  const { isTTY, columns } = process.stdout;
  return printed(review, { colour: isTTY && !process.env["NO_COLOR"], width: isTTY ? columns : undefined });
}
