import { emptyRepositories, stopTasks } from "../../../tools/destroy/blockers";
import { type RecordedResource } from "../../../tools/support/recorded-state";
import { AwsError, type Operations, type RunningAwsApi, startAwsApi } from "../../support/aws-api";

const ECS = "AmazonEC2ContainerServiceV20141113";
const ECR = "AmazonEC2ContainerRegistry_V20150921";
const arn = (path: string): string => `arn:aws:ecs:eu-west-1:111111111111:${path}`;

let api: RunningAwsApi | undefined;
let asked: [operation: string, input: Record<string, unknown>][];

beforeEach(() => (asked = []));
afterEach(() => api?.stop());

/** Clients of an AWS that answers so; what changes something is written down. */
async function clients(operations: Operations) {
  const noted = Object.entries(operations).map(([name, answer]) => [
    name,
    (input: Record<string, unknown>) => {
      if (/\.(Update|Stop|BatchDelete)/.test(name)) asked.push([name.replace(/^.*\./, ""), input]);
      return answer(input);
    },
  ]);
  api = await startAwsApi(Object.fromEntries(noted) as Operations);
  return api.clients;
}

const recorded = (type: string, attributes: Record<string, unknown>): RecordedResource => ({
  ...{ address: `${type}.one`, type, tainted: false, deposed: false },
  attributes,
});
const cluster = recorded("aws_ecs_cluster", { name: "gu-1-dev-cluster" });

test("services go to zero, and tasks that no service owns are stopped; what stands still is left alone", async () => {
  const config = await clients({
    [`${ECS}.ListServices`]: () => ({ serviceArns: [arn("service/c/api"), arn("service/c/worker")] }),
    [`${ECS}.DescribeServices`]: () => ({
      services: [
        { serviceArn: arn("service/c/api"), desiredCount: 2, status: "ACTIVE" },
        { serviceArn: arn("service/c/worker"), desiredCount: 0, status: "ACTIVE" },
        { serviceArn: arn("service/c/old"), desiredCount: 1, status: "DRAINING" },
      ],
    }),
    [`${ECS}.ListTasks`]: () => ({ taskArns: [arn("task/c/1"), arn("task/c/2")] }),
    [`${ECS}.DescribeTasks`]: () => ({
      tasks: [
        { taskArn: arn("task/c/1"), group: "service:api" },
        { taskArn: arn("task/c/2"), group: "family:gu-1-dev-migrate" },
      ],
    }),
    [`${ECS}.UpdateService`]: () => ({}),
    [`${ECS}.StopTask`]: () => ({}),
  });
  expect(await stopTasks([cluster], config)).toBe("1 services to zero, 1 stopped");
  expect(asked).toMatchObject([
    ["UpdateService", { cluster: "gu-1-dev-cluster", service: arn("service/c/api"), desiredCount: 0 }],
    ["StopTask", { cluster: "gu-1-dev-cluster", task: arn("task/c/2") }],
  ]);
});

test("a cluster that has gone already, as in a repeated destroy, is nothing to stop", async () => {
  const config = await clients({
    [`${ECS}.ListServices`]: () => {
      throw new AwsError(400, "ClusterNotFoundException", "Cluster not found.");
    },
  });
  expect(await stopTasks([cluster], config)).toBe("none runs");
});

test("only a repository that Terraform would not delete with its images is emptied, a hundred at a time", async () => {
  const images = Array.from({ length: 150 }, (_, index) => ({ imageDigest: `sha256:${String(index)}` }));
  const config = await clients({
    [`${ECR}.ListImages`]: () => ({ imageIds: images }),
    [`${ECR}.BatchDeleteImage`]: () => ({}),
  });
  const resources = [
    recorded("aws_ecr_repository", { name: "imported", force_delete: null }),
    recorded("aws_ecr_repository", { name: "ours", force_delete: true }),
  ];
  expect(await emptyRepositories(resources, config)).toBe(150);
  expect(asked.map(([, input]) => [input["repositoryName"], (input["imageIds"] as unknown[]).length])).toEqual([
    ["imported", 100],
    ["imported", 50],
  ]);
});
