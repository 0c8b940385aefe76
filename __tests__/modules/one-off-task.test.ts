import { Network } from "../../modules/networking";
import { OneOffTask, Service } from "../../modules/ecs";
import { type ServiceProps } from "../../modules/ecs";
import { inStack } from "../support/module";
import { surroundings } from "../support/services";

/** A migration with the image of a worker, "migrate" and "worker". */
function migration(change: (common: ReturnType<typeof surroundings>) => object = () => ({})) {
  let invocation: unknown;
  const made = inStack((stack) => {
    const common = surroundings(stack);
    const runtime = { ...common, ...change(common) } as unknown as ServiceProps;
    const worker = new Service(stack, "worker", runtime);
    const task = new OneOffTask(stack, "migrate", { ...runtime, imageOf: worker, command: ["migrate"] });
    ({ invocation } = task);
  });
  const containers = JSON.stringify(made.all("aws_ecs_task_definition")["migrate_task"]?.["container_definitions"]);
  return { made, invocation, containers };
}

test("a one-off task is a task definition with a role, a log and a security group of its own, and no service", () => {
  const { made } = migration();
  expect(made.errors).toEqual([]);
  expect(Object.keys(made.all("aws_ecs_service"))).toEqual(["worker"]);
  expect(made.all("aws_ecs_task_definition")["migrate_task"]).toMatchObject({
    family: "fb-dev-migrate-task",
    task_role_arn: "${aws_iam_role.migrate_role.arn}",
    skip_destroy: true,
  });
  expect(made.all("aws_cloudwatch_log_group")["migrate_task_logs"]).toMatchObject({ name: "/ecs/fb-dev-migrate" });
  expect(Object.keys(made.all("aws_security_group"))).toContain("migrate_security-group");
});

test("it runs its service's image with a command of its own", () => {
  const { made, containers } = migration();
  expect(Object.keys(made.all("aws_ssm_parameter"))).toEqual(["worker_image"]);
  expect(containers).toContain("local.worker_image_value");
  expect(containers).toContain("migrate");
  const worker = JSON.stringify(made.all("aws_ecs_task_definition")["worker_task"]);
  expect(worker).not.toContain('\\"command\\"');
});

test("nobody can connect to it", () => {
  const { made } = migration();
  expect(JSON.stringify(made.all("aws_vpc_security_group_ingress_rule"))).not.toContain("migrate");
});

test("what runs it finds out where: cluster, family, container, network, log, and whose image it is", () => {
  const { made, invocation } = migration();
  expect(Object.keys(invocation as object).sort()).toEqual([
    "assign_public_ip",
    "cluster",
    "container",
    "family",
    "image_of",
    "log_group",
    "security_groups",
    "subnets",
  ]);
  expect(invocation).toMatchObject({
    container: "migrate",
    image_of: "worker",
    assign_public_ip: false,
    log_group: "/ecs/fb-dev-migrate",
  });
  expect(Object.keys(made.all("aws_subnet"))).toHaveLength(6);
});

test("it runs where the network has its place for tasks", () => {
  const { made, invocation } = migration(({ network }) => ({
    network: new Network(network.node.scope ?? network, "open", {
      cidr: "10.1.0.0/16",
      zones: 2,
      nat: "none",
      tasks: "public",
    }),
  }));
  expect(invocation).toMatchObject({ assign_public_ip: true });
  expect(made.all("aws_ecs_service")["worker"]?.["network_configuration"]).toMatchObject({
    assign_public_ip: true,
    subnets: [expect.stringContaining("open_public-a"), expect.stringContaining("open_public-b")] as unknown,
  });
});
