import { setTimeout as sleep } from "node:timers/promises";
import { CloudWatchLogsClient, GetLogEventsCommand, ResourceNotFoundException } from "@aws-sdk/client-cloudwatch-logs";
import {
  DeregisterTaskDefinitionCommand,
  DescribeTaskDefinitionCommand,
  DescribeTasksCommand,
  ECSClient,
  ListTasksCommand,
  RegisterTaskDefinitionCommand,
  type RegisterTaskDefinitionCommandInput,
  RunTaskCommand,
  StopTaskCommand,
  type Tag,
  type Task,
  type TaskDefinition,
} from "@aws-sdk/client-ecs";
import type { Invocation } from "../../modules/ecs/one-off-task";
import { type ClientConfig, patient } from "../support/aws-clients";
import { Failure } from "../support/failure";
import { checkInterrupted, interruptions } from "../support/run";
import { taskId, whyStopped } from "./failed-rollout";

const POLL = 1_000;
/** A task is not listed yet for a moment after its start, and no more an hour after its end. */
const UNKNOWN_POLLS = 60;
/** Milliseconds. */
const LATE_LINES = 3_000;

/** How a task ended. */
export interface Ended {
  /** @default it never started, or was stopped */
  readonly exitCode?: number;
  /** What ECS says of its end. */
  readonly why: string;
}

/**
 * Runs a task once with an image, as a further revision of its family that is deregistered afterwards, and tells its log line by
 * line. A first ctrl-C waits for its end, as for Terraform's: half a migration is worse than a late one. A second one stops it.
 * @throws Failure when ECS does not start it
 */
export async function runOnce(
  invocation: Invocation,
  image: string,
  clients: ClientConfig,
  tell: (line: string) => void,
): Promise<Ended> {
  // Half a minute without a network does not leave a migration alone.
  const client = new ECSClient(patient(clients));
  await othersEnded(invocation, client, tell);
  const { taskDefinition, tags } = await client.send(
    new DescribeTaskDefinitionCommand({ taskDefinition: invocation.family, include: ["TAGS"] }),
  );
  const revision = withImage(taskDefinition ?? {}, tags ?? [], invocation.container, image);
  const { taskDefinition: made } = await client.send(new RegisterTaskDefinitionCommand(revision));
  const arn = String(made?.taskDefinitionArn);
  try {
    const task = await start(invocation, arn, client);
    const prefix = streamPrefix(made ?? {}, invocation.container);
    const log = new Log(invocation.log_group, `${prefix}/${invocation.container}/${taskId(task)}`, clients);
    return await follow(invocation, task, log, client, tell);
  } finally {
    // What is left costs nothing, and the next revision takes its place: no reason to fail, nor to hide why it failed.
    await client.send(new DeregisterTaskDefinitionCommand({ taskDefinition: arn })).catch(() => undefined);
  }
}

/** A release that was killed leaves its task running: two migrations at a time would meet in the database. */
async function othersEnded(
  { cluster, family }: Invocation,
  client: ECSClient,
  tell: (line: string) => void,
): Promise<void> {
  for (let told = false; ; await sleep(POLL)) {
    const { taskArns = [] } = await client.send(new ListTasksCommand({ cluster, family }));
    if (taskArns.length === 0) return;
    checkInterrupted();
    if (!told) {
      const left = taskArns.map(taskId);
      tell(`waits for the end of ${left.join(", ")}, which an earlier release began. To stop it instead:`);
      for (const task of left) tell(`aws ecs stop-task --cluster ${cluster} --task ${task}`);
    }
    told = true;
  }
}

/** The newest revision of a task definition, with another image. */
export function withImage(
  definition: TaskDefinition,
  tags: readonly Tag[],
  container: string,
  image: string,
): RegisterTaskDefinitionCommandInput {
  const { family, containerDefinitions = [], executionRoleArn, taskRoleArn, networkMode, volumes } = definition;
  const { cpu, memory, requiresCompatibilities, runtimePlatform, ephemeralStorage } = definition;
  return {
    family,
    containerDefinitions: containerDefinitions.map((it) => (it.name === container ? { ...it, image } : it)),
    ...{ executionRoleArn, taskRoleArn, networkMode, volumes, cpu, memory },
    ...{ requiresCompatibilities, runtimePlatform, ephemeralStorage },
    ...(tags.length > 0 && { tags: [...tags] }),
  };
}

async function start(invocation: Invocation, taskDefinition: string, client: ECSClient): Promise<string> {
  const { cluster, subnets, security_groups, assign_public_ip } = invocation;
  const { tasks = [], failures = [] } = await client.send(
    new RunTaskCommand({
      cluster,
      taskDefinition,
      count: 1,
      launchType: "FARGATE",
      networkConfiguration: {
        awsvpcConfiguration: {
          subnets,
          securityGroups: security_groups,
          assignPublicIp: assign_public_ip ? "ENABLED" : "DISABLED",
        },
      },
      startedBy: "release",
      propagateTags: "TASK_DEFINITION",
      enableECSManagedTags: true,
    }),
  );
  const arn = tasks[0]?.taskArn;
  if (arn !== undefined) return arn;
  const why = failures.map(({ reason, detail }) => [reason, detail].filter(Boolean).join(": ")).join("; ");
  throw new Failure(`ECS did not start a task of ${invocation.family}: ${why || "it gave no reason"}.`);
}

async function follow(
  { cluster, container }: Invocation,
  arn: string,
  log: Log,
  client: ECSClient,
  tell: (line: string) => void,
): Promise<Ended> {
  let before = "";
  let unknown = 0;
  let warned = false;
  for (let stopping = false; ; await sleep(POLL)) {
    const { tasks = [] } = await client.send(new DescribeTasksCommand({ cluster, tasks: [arn] }));
    const [task = {} as Task] = tasks;
    unknown = tasks.length === 0 ? unknown + 1 : 0;
    if (unknown > UNKNOWN_POLLS) return { why: `ECS does not know task ${taskId(arn)} any more` };
    const status = task.lastStatus ?? "";
    if (status !== before && status !== "STOPPED" && status !== "RUNNING") tell(status.toLowerCase());
    before = status;
    for (const line of await log.more()) tell(line);
    if (status === "STOPPED") {
      // The last lines, those that say why, come to CloudWatch after the task's end.
      const end = ended(task, container);
      if (end.exitCode !== 0) await sleep(LATE_LINES);
      for (const line of await log.more()) tell(line);
      return end;
    }
    if (interruptions() > 0 && !warned) {
      warned = true;
      tell("waits for the migration's end; ctrl-C once more stops it half-way");
    }
    if (interruptions() > 1 && !stopping) {
      stopping = true;
      await client.send(new StopTaskCommand({ cluster, task: arn, reason: "Interrupted twice" }));
    }
  }
}

/** By the container's name: AWS adds containers of its own, as GuardDuty's, and promises no order. */
function ended(task: Task, container: string): Ended {
  const exitCode = task.containers?.find(({ name }) => name === container)?.exitCode;
  return { why: whyStopped(task), ...(exitCode !== undefined && { exitCode }) };
}

function streamPrefix({ containerDefinitions = [] }: TaskDefinition, container: string): string {
  const options = containerDefinitions.find(({ name }) => name === container)?.logConfiguration?.options;
  return options?.["awslogs-stream-prefix"] ?? container;
}

/** A log that is still written. */
class Log {
  private readonly client: CloudWatchLogsClient;
  private token?: string;

  constructor(
    private readonly logGroupName: string,
    private readonly logStreamName: string,
    clients: ClientConfig,
  ) {
    this.client = new CloudWatchLogsClient(patient(clients));
  }

  /** The lines since the last call; none while there is no such log yet. */
  async more(): Promise<string[]> {
    const { logGroupName, logStreamName } = this;
    const lines: string[] = [];
    try {
      for (;;) {
        const { events = [], nextForwardToken } = await this.client.send(
          new GetLogEventsCommand({ logGroupName, logStreamName, startFromHead: true, nextToken: this.token }),
        );
        lines.push(...events.map(({ message = "" }) => message.trimEnd()));
        const last = nextForwardToken === this.token || events.length === 0;
        if (nextForwardToken !== undefined) this.token = nextForwardToken;
        if (last) return lines;
      }
    } catch (error) {
      if (error instanceof ResourceNotFoundException) return lines;
      throw error;
    }
  }
}
