import { type Service } from "@aws-sdk/client-ecs";
import { type Change } from "../../tools/check-plan/changes";
import { wasTakenBack, whyStopped } from "../../tools/release/failed-rollout";
import { imageName, imagesTable } from "../../tools/release/images-table";
import { withImage } from "../../tools/release/one-off-task";
import { foreignChanges } from "../../tools/release/rollout-plan";
import { ask, questionOf } from "../../tools/release/smoke-test";
import { progressOf } from "../../tools/release/steady";
import { type ReleasedService } from "../../tools/support/released-services";

const services = [{ path: "api", address: "aws_ecs_service.api" } as ReleasedService];
const change = (address: string, action: Change["action"], path: string): Change => ({
  ...{ address, action, path: path.split("/"), type: address.replace(/\..*/, "") },
  ...{ arguments: [], forcedBy: [] },
});

test("a rollout changes task definitions, services, their bounds and what is made anew with them; a one-off task's too", () => {
  const rollout = [
    change("aws_ecs_task_definition.api_task", "replace", "api/task"),
    change("aws_ecs_service.api", "update", "api"),
    change("aws_appautoscaling_target.api_scaling", "replace", "api/scaling"),
    change("aws_appautoscaling_policy.api_scaling_cpu", "replace", "api/scaling/cpu"),
    change("terraform_data.api_scaling_bounds", "update", "api/scaling/bounds"),
    change("aws_cloudwatch_metric_alarm.api_scaling_asleep-alarm", "update", "api/scaling/asleep-alarm"),
    change("aws_ecs_task_definition.migrate_task", "replace", "migrate/task"),
  ];
  expect(foreignChanges(rollout, { services })).toEqual([]);
});

test("whatever else is in its plan is told, and so is anything that would go", () => {
  const foreign = [
    change("aws_db_instance.database", "update", "database"),
    change("aws_ecs_service.api", "replace", "api"),
    change("aws_ecs_service.other", "update", "other"),
    change("aws_appautoscaling_target.other_scaling", "update", "other/scaling"),
    change("aws_cloudwatch_metric_alarm.api_errors", "update", "api/errors"),
    change("aws_ecs_task_definition.api_task", "forget", "api/task"),
    change("aws_appautoscaling_policy.api_scaling_cpu", "delete", "api/scaling/cpu"),
  ];
  expect(foreignChanges(foreign, { services })).toEqual(foreign);
});

const [OLD, NEW] = ["images@sha256:old", "images@sha256:new"];
const primary = (deployment: object): Service => ({ deployments: [{ id: "1", status: "PRIMARY", ...deployment }] });

test("a service is steady when its primary deployment is complete, with the image, and all its tasks run", () => {
  const done = primary({ rolloutState: "COMPLETED", runningCount: 2, desiredCount: 2 });
  expect(progressOf(done, NEW, NEW)).toEqual({ at: "steady", tasks: 2 });
  const short = primary({ rolloutState: "COMPLETED", runningCount: 1, desiredCount: 2 });
  expect(progressOf(short, NEW, NEW)).toEqual({ at: "under way", text: "1 of 2 tasks run" });
  const begun = primary({ rolloutState: "IN_PROGRESS", runningCount: 0, desiredCount: 1, failedTasks: 2 });
  expect(progressOf(begun, NEW, NEW)).toEqual({ at: "under way", text: "0 of 1 tasks run, 2 failed" });
});

test("it has failed when ECS says so, or has put the image before back", () => {
  const failed = primary({ rolloutState: "FAILED", rolloutStateReason: "tasks failed to start" });
  expect(progressOf(failed, NEW, NEW)).toEqual({ at: "failed", why: "tasks failed to start" });
  const back = primary({ rolloutState: "COMPLETED", runningCount: 1, desiredCount: 1 });
  expect(progressOf(back, OLD, NEW)).toMatchObject({ at: "failed" });
});

test("a service that is raised to be seen fails with its own deployment, though ECS goes back to the same image", () => {
  const after = primary({ id: "2", rolloutState: "COMPLETED", runningCount: 1, desiredCount: 1 });
  expect(progressOf(after, NEW, NEW, "1")).toMatchObject({ at: "failed" });
  expect(progressOf(after, NEW, NEW, "2")).toEqual({ at: "steady", tasks: 1 });
});

test("a rollout was taken back when a deployment failed since it began, by its state or its events", () => {
  const since = new Date("2026-11-21T12:00:00Z");
  const event = (seconds: number, message: string): Service => ({
    events: [{ createdAt: new Date(since.getTime() + seconds * 1000), message }],
  });
  expect(wasTakenBack({ deployments: [{ rolloutState: "FAILED" }] }, since)).toBe(true);
  expect(
    wasTakenBack(event(5, "(service api) (deployment ecs-svc/1) deployment failed: tasks failed to start."), since),
  ).toBe(true);
  expect(wasTakenBack(event(-5, "(service api) rolling back to deployment ecs-svc/0."), since)).toBe(false);
  expect(wasTakenBack(event(5, "(service api) has reached a steady state."), since)).toBe(false);
});

test("a stopped task is told with ECS's reason, its container's and its exit code", () => {
  const task = {
    taskArn: "arn:aws:ecs:eu-west-1:1:task/cluster/0123",
    stoppedReason: "Essential container in task exited",
    containers: [{ name: "api", exitCode: 3, reason: "OutOfMemoryError" }],
  };
  expect(whyStopped(task)).toBe(
    "task 0123: Essential container in task exited; api ended with exit code 3; OutOfMemoryError",
  );
});

test("a one-off task differs from its family's newest revision in nothing but the image", () => {
  const container = { name: "migrate", image: OLD, command: ["migrate"], secrets: [{ name: "A", valueFrom: "arn" }] };
  const definition = {
    ...{ family: "wo-dev-migrate-task", revision: 3, taskDefinitionArn: "arn", status: "ACTIVE" as const },
    ...{ cpu: "256", memory: "512", networkMode: "awsvpc" as const, executionRoleArn: "role", taskRoleArn: "own" },
    ...{ containerDefinitions: [container], volumes: [{ name: "tmp" }] },
  };
  const tags = [{ key: "deployment", value: "wo-dev" }];
  expect(withImage(definition, tags, "migrate", NEW)).toEqual({
    ...{ family: "wo-dev-migrate-task", cpu: "256", memory: "512", networkMode: "awsvpc" },
    ...{ executionRoleArn: "role", taskRoleArn: "own", volumes: [{ name: "tmp" }], tags },
    containerDefinitions: [{ ...container, image: NEW }],
  });
});

const health = { path: "/health", scheme: "https" as const, domain: "fb.example.com" };

test("the health URL is the domain's, asked at the load balancer's own name, so that no DNS has to point there yet", () => {
  expect(questionOf(health, "lb.example.amazonaws.com")).toEqual({
    url: new URL("https://fb.example.com/health"),
    at: { host: "lb.example.amazonaws.com", port: 443, tls: true },
    host: "fb.example.com",
  });
  expect(questionOf({ path: "/health", scheme: "http" }, "lb.example.amazonaws.com")).toMatchObject({
    url: new URL("http://lb.example.amazonaws.com/health"),
    at: { port: 80, tls: false },
  });
});

test("on the local AWS its endpoint is asked, by the domain, or else the load balancer's name, and the listener's port", () => {
  expect(questionOf(health, "lb.example.amazonaws.com", "http://127.0.0.1:4566")).toMatchObject({
    at: { host: "127.0.0.1", port: 4566, tls: false },
    host: "fb.example.com:443",
  });
  expect(
    questionOf({ path: "/health", scheme: "http" }, "lb.example.amazonaws.com", "http://127.0.0.1:4566").host,
  ).toBe("lb.example.amazonaws.com");
});

test("where nothing listens, the answer is the reason", async () => {
  const url = new URL("http://127.0.0.1:9/health");
  expect(await ask({ url, at: { host: "127.0.0.1", port: 9, tls: false }, host: "a" })).toEqual({
    error: "ECONNREFUSED",
  });
});

test("images are told by tag and the beginning of the digest, one line a service", () => {
  const digest = `sha256:${"7d13b65f156b".padEnd(64, "0")}`;
  const name = imageName(`1.dkr.ecr.eu-west-1.amazonaws.com/images@${digest}`, ["v0.5.1"]);
  expect(name).toBe("v0.5.1 sha256:7d13b65f156b");
  expect(imageName("none")).toBe("nothing");
  expect(imageName(undefined)).toBe("nothing");
  expect(imageName("1.dkr.ecr.eu-west-1.amazonaws.com/api-images:v1")).toBe("api-images:v1");
  expect(imagesTable([{ service: "api", runs: "nothing", then: name }])).toBe(
    [" service  runs     will run", " api      nothing  v0.5.1 sha256:7d13b65f156b"].join("\n"),
  );
});
