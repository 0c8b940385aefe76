import { setTimeout as sleep } from "node:timers/promises";
import { CloudWatchLogsClient, GetLogEventsCommand, ResourceNotFoundException } from "@aws-sdk/client-cloudwatch-logs";
import { DescribeTasksCommand, ECSClient, ListTasksCommand, type Service, type Task } from "@aws-sdk/client-ecs";
import type { ClientConfig } from "../support/aws-clients";
import type { ReleasedService } from "../support/released-services";
import { checkInterrupted } from "../support/run";
import { describeService, imageOf } from "./standing";

/** Events, stopped tasks and lines of a log that are told of each service. */
const MOST_EVENTS = 4;
const MOST_TASKS = 3;
const MOST_LINES = 8;

/** Milliseconds: what lacks a variable, or may not sign in to its database, ends within seconds of its start. */
const ALIVE = 30_000;
const ALIVE_POLL = 2_000;

/** Of a service that ECS took back during Terraform's apply. */
export const UNSTEADY = "its new tasks did not become steady";

/** A service whose new tasks did not become steady. */
export class RolloutFailed extends Error {
  constructor(
    readonly service: ReleasedService,
    message: string,
  ) {
    super(message);
  }
}

/** From when on events are those of a rollout that begins now, by ECS's clock: this machine's may be ahead of it. */
export async function beginning(services: readonly ReleasedService[], clients: ClientConfig): Promise<Date> {
  const found = await Promise.all(services.map((service) => describeService(service, clients)));
  const times = found.flatMap((service) => service?.events ?? []).map(({ createdAt }) => Number(createdAt ?? 0));
  return new Date(Math.max(-1, ...times) + 1);
}

/** The services that ECS took back since then, or is about to. */
export async function failedRollouts(
  services: readonly ReleasedService[],
  wanted: ReadonlyMap<string, string>,
  since: Date,
  clients: ClientConfig,
): Promise<ReleasedService[]> {
  const failed = await Promise.all(
    services.map(async (service) => {
      const found = await describeService(service, clients);
      if (found === undefined || !wasTakenBack(found, since)) return undefined;
      const image = await imageOf(service, String(found.taskDefinition), clients);
      const under = found.deployments?.some(({ rolloutState }) => rolloutState === "FAILED") ?? false;
      return under || image !== wanted.get(service.path) ? service : undefined;
    }),
  );
  return failed.filter((service) => service !== undefined);
}

/** What ECS says of a deployment that its circuit breaker ended. */
export function wasTakenBack({ deployments = [], events = [] }: Service, since: Date): boolean {
  return (
    deployments.some(({ rolloutState }) => rolloutState === "FAILED") ||
    events.some(
      ({ createdAt, message = "" }) =>
        Number(createdAt) >= Number(since) && /deployment failed|rolling back/i.test(message),
    )
  );
}

/**
 * Watches for half a minute that no task of a service ends by itself: ECS takes a deployment for complete once its tasks have
 * started, and where no load balancer asks them its circuit breaker counts none that ends after that.
 * @throws RolloutFailed when one does
 */
export async function staysAlive(
  service: ReleasedService,
  since: Date,
  clients: ClientConfig,
  tell: (progress: string) => void,
  patience = ALIVE,
): Promise<void> {
  for (const deadline = Date.now() + patience; Date.now() < deadline; await sleep(Math.min(ALIVE_POLL, patience))) {
    checkInterrupted();
    const found = await describeService(service, clients);
    const ended = (await stoppedTasks(service, since, clients)).find(
      ({ stopCode, taskDefinitionArn }) =>
        stopCode === "EssentialContainerExited" && taskDefinitionArn === found?.taskDefinition,
    );
    if (ended) throw new RolloutFailed(service, "its tasks start, and end by themselves");
    tell(`runs, for ${String(Math.ceil((deadline - Date.now()) / 1000))} s more to see it stay`);
  }
}

/** Why: what ECS and the stopped tasks say, and the last lines of the newest one's log. */
export async function reasons(service: ReleasedService, since: Date, clients: ClientConfig): Promise<string[]> {
  const [found, tasks] = await Promise.all([describeService(service, clients), stoppedTasks(service, since, clients)]);
  const events = (found?.events ?? [])
    .filter(({ createdAt }) => Number(createdAt) >= Number(since))
    .filter(({ message = "" }) => !/steady state/.test(message))
    .slice(0, MOST_EVENTS)
    .reverse()
    .map(({ message }) => String(message));
  const [newest] = tasks;
  const log = newest ? await lastLines(service, newest, clients) : [];
  return [
    ...events,
    ...new Set(tasks.slice(0, MOST_TASKS).map(whyStopped)),
    ...(log.length > 0 ? [`its log, ${service.logGroup}, ends with:`, ...log.map((line) => `    ${line}`)] : []),
  ];
}

/** "Essential container in task exited, exit code 1": what a stopped task says of its end. */
export function whyStopped({ taskArn = "", stoppedReason = "stopped", containers = [] }: Task): string {
  const own = containers.flatMap(({ name, reason, exitCode }) => [
    ...(exitCode === undefined ? [] : [`${String(name)} ended with exit code ${String(exitCode)}`]),
    ...(reason ? [reason] : []),
  ]);
  return `task ${taskId(taskArn)}: ${[stoppedReason, ...own].join("; ")}`;
}

export function taskId(arn: string): string {
  return arn.replace(/^.*\//, "");
}

/** The newest first. */
async function stoppedTasks({ cluster, name }: ReleasedService, since: Date, clients: ClientConfig): Promise<Task[]> {
  const client = new ECSClient(clients);
  const request = new ListTasksCommand({ cluster, serviceName: name, desiredStatus: "STOPPED", maxResults: 100 });
  const { taskArns = [] } = await client.send(request);
  if (taskArns.length === 0) return [];
  const { tasks = [] } = await client.send(new DescribeTasksCommand({ cluster, tasks: taskArns }));
  return tasks
    .filter(({ stoppedAt, createdAt }) => Number(stoppedAt ?? createdAt ?? 0) >= Number(since))
    .sort((a, b) => Number(b.stoppedAt ?? 0) - Number(a.stoppedAt ?? 0));
}

async function lastLines({ logGroup, task }: ReleasedService, { taskArn = "" }: Task, clients: ClientConfig) {
  const { container } = task;
  const logStreamName = `${container}/${container}/${taskId(taskArn)}`;
  const request = new GetLogEventsCommand({ logGroupName: logGroup, logStreamName, limit: MOST_LINES });
  try {
    const { events = [] } = await new CloudWatchLogsClient(clients).send(request);
    return events.map(({ message = "" }) => message.trimEnd());
  } catch (error) {
    if (error instanceof ResourceNotFoundException) return []; // It never started.
    throw error;
  }
}
