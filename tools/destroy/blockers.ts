import { BatchDeleteImageCommand, ECRClient, paginateListImages } from "@aws-sdk/client-ecr";
import {
  DescribeServicesCommand,
  DescribeTasksCommand,
  ECSClient,
  StopTaskCommand,
  UpdateServiceCommand,
  paginateListServices,
  paginateListTasks,
} from "@aws-sdk/client-ecs";
import type { ClientConfig } from "../support/aws-clients";
import type { RecordedResource } from "../support/recorded-state";
import { runningShift, stopShift } from "../support/shifts";

/** What DescribeServices, DescribeTasks and BatchDeleteImage take at a time. */
const SERVICES_AT_ONCE = 10;
const TASKS_AT_ONCE = 100;
const IMAGES_AT_ONCE = 100;

/**
 * Has every task of a deployment end, so that connections drain while the rest is destroyed; and those that no service owns
 * (a migration, somebody's `run-task`), which Terraform knows nothing of and no cluster, subnet or security group goes without.
 */
export async function stopTasks(resources: readonly RecordedResource[], config: ClientConfig): Promise<string> {
  const client = new ECSClient(config);
  let [services, tasks] = [0, 0];
  for (const cluster of named(resources, "aws_ecs_cluster", "name")) {
    await unlessGone(async () => {
      services += await toZero(client, cluster);
      tasks += await stopOthers(client, cluster);
    });
  }
  const parts = [
    ...(services > 0 ? [`${String(services)} services to zero`] : []),
    ...(tasks > 0 ? [`${String(tasks)} stopped`] : []),
  ];
  return parts.join(", ") || "none runs";
}

async function toZero(client: ECSClient, cluster: string): Promise<number> {
  let count = 0;
  const pages = paginateListServices({ client, pageSize: SERVICES_AT_ONCE }, { cluster });
  for await (const { serviceArns = [] } of pages) {
    if (serviceArns.length === 0) continue;
    const { services = [] } = await client.send(new DescribeServicesCommand({ cluster, services: serviceArns }));
    for (const { serviceArn, desiredCount = 0, status } of services) {
      if (desiredCount === 0 || status !== "ACTIVE") continue;
      await client.send(new UpdateServiceCommand({ cluster, service: serviceArn, desiredCount: 0 }));
      count += 1;
    }
  }
  return count;
}

async function stopOthers(client: ECSClient, cluster: string): Promise<number> {
  let count = 0;
  for await (const { taskArns = [] } of paginateListTasks({ client, pageSize: TASKS_AT_ONCE }, { cluster })) {
    if (taskArns.length === 0) continue;
    const { tasks = [] } = await client.send(new DescribeTasksCommand({ cluster, tasks: taskArns }));
    for (const { taskArn } of tasks.filter((task) => !task.group?.startsWith("service:"))) {
      await client.send(new StopTaskCommand({ cluster, task: taskArn, reason: "The deployment is destroyed." }));
      count += 1;
    }
  }
  return count;
}

/** Has CodeDeploy take back what it shifts just now: it would change an alias that is being deleted. */
export async function stopShifts(resources: readonly RecordedResource[], config: ClientConfig): Promise<void> {
  for (const name of named(resources, "aws_codedeploy_deployment_group", "app_name")) {
    await unlessGone(async () => {
      const shift = await runningShift(name, config);
      if (shift !== undefined) await stopShift(shift, config);
    });
  }
}

/** Deletes the images of repositories that Terraform would not: those that were imported, and never applied since. */
export async function emptyRepositories(resources: readonly RecordedResource[], config: ClientConfig): Promise<number> {
  const client = new ECRClient(config);
  const unforced = resources.filter(({ attributes }) => attributes["force_delete"] !== true);
  let count = 0;
  for (const repositoryName of named(unforced, "aws_ecr_repository", "name")) {
    await unlessGone(async () => {
      const ids: { imageDigest?: string | undefined }[] = [];
      for await (const page of paginateListImages({ client }, { repositoryName })) {
        ids.push(...(page.imageIds ?? []).map(({ imageDigest }) => ({ imageDigest })));
      }
      for (let from = 0; from < ids.length; from += IMAGES_AT_ONCE) {
        const imageIds = ids.slice(from, from + IMAGES_AT_ONCE);
        await client.send(new BatchDeleteImageCommand({ repositoryName, imageIds }));
      }
      count += ids.length;
    });
  }
  return count;
}

function named(resources: readonly RecordedResource[], type: string, attribute: string): string[] {
  return resources
    .filter((resource) => resource.type === type)
    .map(({ attributes }) => attributes[attribute])
    .filter((name): name is string => typeof name === "string");
}

/** A destroy that is repeated meets what has gone already. */
async function unlessGone(body: () => Promise<void>): Promise<void> {
  try {
    await body();
  } catch (error) {
    if (!/NotFound|DoesNotExist|NotActive/.test((error as Error).name)) throw error;
  }
}
