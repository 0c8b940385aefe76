import { setTimeout as sleep } from "node:timers/promises";
import {
  ApplicationAutoScalingClient,
  DescribeScalableTargetsCommand,
  RegisterScalableTargetCommand,
} from "@aws-sdk/client-application-auto-scaling";
import { type Deployment, ECSClient, type Service, UpdateServiceCommand } from "@aws-sdk/client-ecs";
import { type ClientConfig, patient } from "../support/aws-clients";
import { Failure } from "../support/failure";
import type { ReleasedService } from "../support/released-services";
import { checkInterrupted } from "../support/run";
import { RolloutFailed } from "./failed-rollout";
import { describeService, imageOf } from "./standing";

const POLL = 2_000;
/** Milliseconds: as long as Terraform waits for a service (modules/ecs). */
const PATIENCE = 40 * 60_000;
/** Milliseconds until ECS surely lists a deployment that was just begun: it answers late now and then. */
const LISTED = 30_000;

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
  const asking = patient(clients);
  const begun = Date.now();
  let listed = id === undefined;
  for (; Date.now() - begun < PATIENCE; await sleep(POLL)) {
    checkInterrupted();
    const found = await describeService(service, asking);
    if (found === undefined) throw new Failure(`The service ${service.name} is not there any more.`);
    listed ||= Date.now() - begun > LISTED || (found.deployments?.some((deployment) => deployment.id === id) ?? false);
    if (!listed) continue;
    const image = await imageOf(service, String(found.taskDefinition), asking);
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
 * Keeps a service's bounds where an alarm that lets it sleep cannot take its last task away.
 * @param putBack is given what puts the bounds back, before they are changed
 * @returns whether it might sleep
 */
export async function keptAwake(
  service: ReleasedService,
  clients: ClientConfig,
  putBack: (() => Promise<void>)[],
): Promise<boolean> {
  const bounds = await boundsOf(service, clients);
  if (bounds === undefined || bounds.min > 0) return false;
  const awake = { min: 1, max: Math.max(1, bounds.max) };
  putBack.push(async () => {
    try {
      const now = await boundsOf(service, clients);
      // What a schedule has set meanwhile holds.
      if (now?.min === awake.min && now.max === awake.max) await register(service, bounds, clients);
    } catch (error) {
      throw new Failure(
        `The bounds of ${service.path} could not be put back (${(error as Error).name}): it keeps at least one task until then.`,
        { next: registration(service, bounds) },
      );
    }
  });
  await register(service, awake, clients);
  return true;
}

/**
 * Lets a service run the fewest tasks that it may, and at least one, to prove its image: with a deployment of its own, which
 * the circuit breaker watches. Tasks that something woke meanwhile stay.
 * @returns the deployment to watch
 */
export async function raised(service: ReleasedService, clients: ClientConfig): Promise<string> {
  const { cluster, name } = service;
  const [now, bounds] = await Promise.all([describeService(service, clients), boundsOf(service, clients)]);
  const desiredCount = Math.max(1, now?.desiredCount ?? 0, bounds?.min ?? 0);
  const request = new UpdateServiceCommand({ cluster, service: name, desiredCount, forceNewDeployment: true });
  const { service: updated } = await new ECSClient(clients).send(request);
  const primary = updated?.deployments?.find(({ status }) => status === "PRIMARY");
  return String(primary?.id);
}

/** Stops all tasks of a service, and lets nothing start another: its pointer is `none` again. */
export async function stopped(service: ReleasedService, clients: ClientConfig): Promise<void> {
  const { cluster, name } = service;
  if (await boundsOf(service, clients)) await register(service, { min: 0, max: 0 }, clients);
  await new ECSClient(clients).send(new UpdateServiceCommand({ cluster, service: name, desiredCount: 0 }));
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

function registration(service: ReleasedService, { min, max }: Bounds): string {
  const { ServiceNamespace, ResourceId, ScalableDimension } = target(service);
  return `aws application-autoscaling register-scalable-target --service-namespace ${ServiceNamespace} --scalable-dimension ${ScalableDimension} --resource-id ${ResourceId} --min-capacity ${String(min)} --max-capacity ${String(max)}`;
}
