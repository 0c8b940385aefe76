import type { Change } from "../check-plan/changes";
import type { PlanReview } from "../check-plan/review";
import { Failure } from "../support/failure";
import type { Released } from "../support/released-services";

/** What follows from a pointer beside task definitions and services: bounds, and what AWS makes anew with them. */
const FOLLOWING = [
  "aws_appautoscaling_target",
  "aws_appautoscaling_policy",
  "aws_appautoscaling_scheduled_action",
  "aws_cloudwatch_metric_alarm",
  "terraform_data",
];

/**
 * The changes of a plan that do not follow from a new image. A one-off task has the image of a service, so its task
 * definition follows too.
 */
export function foreignChanges(changes: readonly Change[], { services }: Pick<Released, "services">): Change[] {
  const follows = ({ type, address, path, action }: Change): boolean => {
    if (action === "delete" || action === "forget") return false;
    if (type === "aws_ecs_task_definition") return true;
    if (services.some((service) => service.address === address)) return action === "update";
    return FOLLOWING.includes(type) && services.some((service) => path.join("/").startsWith(`${service.path}/scaling`));
  };
  return changes.filter((change) => !follows(change));
}

/** @throws Failure when the plan that rolls the images out would change anything else */
export function checkRollout(review: PlanReview, released: Pick<Released, "services">, again: string): void {
  const foreign = foreignChanges(review.changes, released);
  if (foreign.length === 0) return;
  const named = foreign.map(({ address, action }) => `- ${address} (${action})`);
  throw new Failure(
    [
      "The rollout would change more than task definitions, services and their bounds, so it was not begun:",
      ...named,
      "Somebody has changed that since the infrastructure was planned. Release again: it is part of the first plan then.",
    ].join("\n"),
    { next: again },
  );
}
