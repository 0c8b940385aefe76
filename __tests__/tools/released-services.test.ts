import { type TerraformStack } from "cdktf";
import { imageSource } from "../../tools/support/image-source";
import { type Released, released } from "../../tools/support/released-services";
import { environmentApp, everyEnvironment, resources, synthesized } from "../support/synth";

const of = (system: string, environment: string): Released => {
  const stack = environmentApp(system, environment).app.node.findChild(`${environment}-stack`) as TerraformStack;
  stack.prepareStack();
  return released(JSON.stringify(stack.toTerraform()));
};

test("a service is told with its names in AWS, its pointer, its repository and where it answers", () => {
  const { services, repositories, migration } = of("flow-builder", "dev");
  expect(services).toMatchObject([
    {
      path: "api",
      address: "aws_ecs_service.api",
      name: "fb-dev-api",
      cluster: "fb-dev-cluster",
      task: { address: "aws_ecs_task_definition.api_task", family: "fb-dev-api-task", container: "api" },
      logGroup: "/ecs/fb-dev-api",
      pointer: { address: "aws_ssm_parameter.api_image", name: "/fb-dev/api/image" },
      repository: { address: "aws_ecr_repository.api-images", name: "fb-dev-api-images", image: "api" },
      scaling: "aws_appautoscaling_target.api_scaling",
      health: { path: "/health", scheme: "http", dnsOutput: "load_balancer_dns" },
    },
    { path: "worker", pointer: { name: "/fb-dev/worker/image" }, repository: { image: "worker" } },
  ]);
  expect(services[1]?.health).toBeUndefined();
  expect(repositories.map(({ name }) => name)).toEqual(["fb-dev-api-images", "fb-dev-worker-images"]);
  expect(migration).toBeUndefined();
});

test("with a domain the service answers there, by HTTPS", () => {
  expect(of("flow-builder", "production").services[0]?.health).toMatchObject({
    scheme: "https",
    domain: "fb.example.com",
  });
});

test("a repository that is only called images has those of the app", () => {
  const json = JSON.stringify(stackOf("one", "images"));
  expect(released(json).repositories).toMatchObject([{ image: "app" }]);
});

test("services may share a repository, and the output says which of them has the image that migrates", () => {
  const [one, other] = [stackOf("one", "images"), stackOf("other", "images")];
  const merged = Object.fromEntries(
    Object.entries(one.resource).map(([type, blocks]) => [type, { ...blocks, ...other.resource[type] }]),
  );
  const json = { resource: merged, locals: { ...one.locals, ...other.locals } };
  const { services, repositories, migration } = released(
    JSON.stringify({ ...json, output: { migrate_task: { value: { image_of: "other" } } } }),
  );
  expect(services).toHaveLength(2);
  expect(repositories).toHaveLength(1);
  expect(migration).toMatchObject({ output: "migrate_task", imageOf: { path: "other" } });
});

test.each(everyEnvironment)("every service of %s, %s is found, complete", (system, environment) => {
  const { services, repositories } = of(system, environment);
  const { stack } = synthesized(system, environment);
  expect(services.map(({ address }) => address).sort()).toEqual(
    resources(stack, "aws_ecs_service")
      .map(({ address }) => address)
      .sort(),
  );
  for (const { name, cluster, task, logGroup, pointer, repository, scaling } of services) {
    for (const text of [name, cluster, task.family, task.container, logGroup, pointer.name, repository.name]) {
      expect(text).toMatch(/^[\w/-]+$/);
    }
    expect(scaling).toBeDefined();
  }
  const withHealth = services.filter(({ health }) => health !== undefined);
  expect(withHealth).toHaveLength(resources(stack, "aws_lb_listener_rule").length);
  // And cdktf.json says what its image is built of.
  for (const { image } of repositories) expect(imageSource(system, image)).toMatch(/images.starter$/);
});

/** As little of a stack as a service needs. */
function stackOf(id: string, images: string) {
  const at = (path: string, args: object) => ({ "//": { metadata: { path: `stack/${path}/this` } }, ...args });
  const resource: Record<string, Record<string, object>> = {
    aws_ecs_cluster: { cluster: at("cluster", { name: "x-dev-cluster" }) },
    aws_ecr_repository: { [images]: at(images, { name: `x-dev-${images}` }) },
    aws_ssm_parameter: { [`${id}_image`]: at(`${id}/image`, { name: `/x-dev/${id}/image` }) },
    aws_ecs_task_definition: {
      [`${id}_task`]: at(`${id}/task`, {
        family: `x-dev-${id}-task`,
        container_definitions: `\${jsonencode([{"name" = "${id}", "image" = local.${id}_image_value, "awslogs-group" = "/ecs/${id}"}])}`,
        lifecycle: { precondition: [{ condition: `\${startswith("", aws_ecr_repository.${images}.repository_url)}` }] },
      }),
    },
    aws_ecs_service: {
      [id]: at(id, {
        name: `x-dev-${id}`,
        cluster: "${aws_ecs_cluster.cluster.arn}",
        task_definition: `\${aws_ecs_task_definition.${id}_task.arn}`,
      }),
    },
  };
  return { resource, locals: { [`${id}_image_value`]: `\${aws_ssm_parameter.${id}_image.insecure_value}` } };
}

test("the task that migrates Workflow Orchestrator is found by what its output says, and runs the API's image", () => {
  expect(of("workflow-orchestrator", "dev").migration).toMatchObject({ imageOf: { path: "api" } });
});
