import { setTimeout as sleep } from "node:timers/promises";
import {
  ApplicationAutoScalingClient,
  DescribeScalableTargetsCommand,
  RegisterScalableTargetCommand,
} from "@aws-sdk/client-application-auto-scaling";
import { type Deployment, ECSClient, type Service, UpdateServiceCommand } from "@aws-sdk/client-ecs";
import type { ClientConfig } from "../support/aws-clients";
import { Failure } from "../support/failure";
import type { ReleasedService } from "../support/released-services";
import { checkInterrupted } from "../support/run";
import { RolloutFailed } from "./failed-rollout";
import { describeService, imageOf } from "./standing";

const POLL = 2_000;
/** Milliseconds: as long as Terraform waits for a service (modules/ecs). */
const PATIENCE = 40 * 60_000;

/** Where a rollout is. */
export type Progress =
  | { readonly at: "steady"; readonly tasks: number }
  | { readonly at: "under way"; readonly text: string }
  | { readonly at: "failed"; readonly why: string };

/**
 * How far a service is, from what ECS says of it.
 * @param image that its PRIMARY deployment has
 * @param id of the one deployment that counts @default whichever is PRIMARY
 */
export function progressOf(service: Service, image: string, wanted: string, id?: string): Progress {
  const { deployments = [] } = service;
  const primary = deployments.find(({ status }) => status === "PRIMARY");
  const ours = id === undefined ? primary : deployments.find((deployment) => deployment.id === id);
  const why = ours?.rolloutStateReason ?? "ECS went back to the tasks before";
  if (ours?.rolloutState === "FAILED" || (id !== undefined && ours?.status !== "PRIMARY")) return { at: "failed", why };
  if (image !== wanted) return { at: "failed", why: "ECS went back to the tasks before" };
  const { runningCount = 0, desiredCount = 0, rolloutState } = ours ?? ({} as Deployment);
  if (rolloutState === "COMPLETED" && runningCount === desiredCount) return { at: "steady", tasks: runningCount };
  const failed = ours?.failedTasks ? `, ${String(ours.failedTasks)} failed` : "";
  return { at: "under way", text: `${String(runningCount)} of ${String(desiredCount)} tasks run${failed}` };
}

/**
 * Watches a service until all its tasks run the image.
 * @returns how many run
 * @throws RolloutFailed when ECS takes it back; Failure after 40 minutes
 */
export async function watched(
  service: ReleasedService,
  wanted: string,
  clients: ClientConfig,
  tell: (progress: string) => void,
  id?: string,
): Promise<number> {
  for (const deadline = Date.now() + PATIENCE; Date.now() < deadline; await sleep(POLL)) {
    checkInterrupted();
    const found = await describeService(service, clients);
    if (found === undefined) throw new Failure(`The service ${service.name} is not there any more.`);
    const image = await imageOf(service, String(found.taskDefinition), clients);
    const progress = progressOf(found, image, wanted, id);
    if (progress.at === "steady") return progress.tasks;
    if (progress.at === "failed") throw new RolloutFailed(service, progress.why);
    tell(progress.text);
  }
  throw new Failure(
    `The tasks of ${service.path} were not steady after 40 minutes: there may be no capacity (its alarm "placement").`,
    { next: `aws ecs describe-services --cluster ${service.cluster} --services ${service.name}` },
  );
}

/** The bounds that a service scales in. */
interface Bounds {
  readonly min: number;
  readonly max: number;
}

/**
 * Lets a service that has no task run one, or the fewest that it may, to prove its image: with a deployment of its own, which the circuit breaker watches, and
 * with bounds in which an alarm that lets it sleep cannot take that one away.
 * @returns the deployment to watch, and what puts the bounds back
 */
export async function raised(
  service: ReleasedService,
  clients: ClientConfig,
): Promise<{ readonly deployment: string; readonly putBack: () => Promise<void> }> {
  const bounds = await boundsOf(service, clients);
  const count = Math.max(1, bounds?.min ?? 0);
  if (bounds) await register(service, { min: count, max: Math.max(count, bounds.max) }, clients);
  const putBack = async (): Promise<void> => {
    if (bounds) await register(service, bounds, clients);
  };
  try {
    const { cluster, name } = service;
    const request = new UpdateServiceCommand({ cluster, service: name, desiredCount: count, forceNewDeployment: true });
    const { service: updated } = await new ECSClient(clients).send(request);
    const primary = updated?.deployments?.find(({ status }) => status === "PRIMARY");
    return { deployment: String(primary?.id), putBack };
  } catch (error) {
    await putBack();
    throw error;
  }
}

/** Stops all tasks of a service: its pointer is `none` again. */
export async function stopped({ cluster, name }: ReleasedService, clients: ClientConfig): Promise<void> {
  const request = new UpdateServiceCommand({ cluster, service: name, desiredCount: 0 });
  await new ECSClient(clients).send(request);
}

const target = ({ cluster, name }: ReleasedService) =>
  ({
    ServiceNamespace: "ecs",
    ResourceId: `service/${cluster}/${name}`,
    ScalableDimension: "ecs:service:DesiredCount",
  }) as const;

async function boundsOf(service: ReleasedService, clients: ClientConfig): Promise<Bounds | undefined> {
  const { ServiceNamespace, ResourceId, ScalableDimension } = target(service);
  const request = new DescribeScalableTargetsCommand({
    ...{ ServiceNamespace, ScalableDimension },
    ResourceIds: [ResourceId],
  });
  const { ScalableTargets = [] } = await new ApplicationAutoScalingClient(clients).send(request);
  const [found] = ScalableTargets;
  return found && { min: found.MinCapacity ?? 0, max: found.MaxCapacity ?? 0 };
}

async function register(service: ReleasedService, { min, max }: Bounds, clients: ClientConfig): Promise<void> {
  const request = new RegisterScalableTargetCommand({ ...target(service), MinCapacity: min, MaxCapacity: max });
  await new ApplicationAutoScalingClient(clients).send(request);
}
