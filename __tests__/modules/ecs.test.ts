import { Service } from "../../modules/ecs";
import { type AlarmSpec } from "../../modules/monitoring/alarm-spec";
import { Queue } from "../../modules/sqs";
import { inStack, parsed } from "../support/module";
import { api, beforeAndAfter, container, surroundings, worker } from "../support/services";

describe("a cluster", () => {
  const capacity = (made: ReturnType<typeof worker>) => made.only("aws_ecs_cluster_capacity_providers");

  test("runs all its services on the capacity that it was given", () => {
    expect(capacity(worker())).toMatchObject({
      default_capacity_provider_strategy: [{ capacity_provider: "FARGATE_SPOT", weight: 1, base: 0 }],
    });
    expect(worker().only("aws_ecs_service")).toMatchObject({
      capacity_provider_strategy: [{ capacity_provider: "FARGATE_SPOT", weight: 1, base: 0 }],
    });
  });

  test("can change between Spot and on-demand without replacing a service", () => {
    expect(worker().only("aws_ecs_service")).toMatchObject({ force_new_deployment: true });
  });

  test("is there before its services, with its capacity, and gone after them", () => {
    expect(worker().only("aws_ecs_service")["depends_on"]).toContain(
      "aws_ecs_cluster_capacity_providers.cluster_capacity",
    );
  });
});

describe("a task", () => {
  test("is not root, cannot change its file system but /tmp, and has no Linux capability", () => {
    expect(container(worker())).toMatchObject({
      name: "worker",
      user: "1000:1000",
      readonlyRootFilesystem: true,
      linuxParameters: { capabilities: { drop: ["ALL"] }, initProcessEnabled: true },
      mountPoints: [{ sourceVolume: "tmp", containerPath: "/tmp", readOnly: false }],
    });
    expect(worker().only("aws_ecs_task_definition")).toMatchObject({ volume: [{ name: "tmp" }] });
  });

  test("writes out every default that AWS fills in, so that no plan differs from the last", () => {
    expect(container(worker())).toMatchObject({
      essential: true,
      cpu: 0,
      portMappings: [],
      volumesFrom: [],
      systemControls: [],
    });
    expect(container(api())).toMatchObject({
      portMappings: [{ containerPort: 8080, hostPort: 8080, protocol: "tcp" }],
    });
    expect(worker().only("aws_ecs_task_definition")).toMatchObject({
      network_mode: "awsvpc",
      runtime_platform: { cpu_architecture: "ARM64", operating_system_family: "LINUX" },
    });
  });

  test("gets secrets by reference, and only the role that starts it may read them", () => {
    const made = worker();
    expect(container(made)).toMatchObject({
      environment: [{ name: "PLACE", value: "here" }],
      secrets: [{ name: "DATABASE_URL", valueFrom: "aws_secretsmanager_secret_version.url_value.arn" }],
    });
    const readers = Object.entries(made.all("aws_iam_role_policy")).filter(([id]) => id.endsWith("url-read"));
    expect(readers.map(([, { role }]) => role)).toEqual(["${aws_iam_role.worker_task_execution-role.name}"]);
  });

  test("has a role of its own that may do nothing until something is granted to it", () => {
    const policies = Object.values(worker().all("aws_iam_role_policy"));
    expect(policies.filter(({ role }) => role === "${aws_iam_role.worker_role.name}")).toEqual([]);
    expect(worker().only("aws_ecs_task_definition")["task_role_arn"]).toBe("${aws_iam_role.worker_role.arn}");
  });

  test("logs to a group of its own with a retention, and starts only when it may", () => {
    const made = worker({ logRetentionDays: 30 });
    expect(made.only("aws_cloudwatch_log_group")).toMatchObject({ name: "/ecs/fb-dev-worker", retention_in_days: 30 });
    expect(made.only("aws_ecs_service")["depends_on"]).toEqual(
      expect.arrayContaining([
        "aws_cloudwatch_log_group.worker_task_logs",
        "aws_iam_role_policy.worker_task_execution-role_images-pull",
        "aws_iam_role_policy.worker_task_execution-role_url-read",
        "aws_iam_role_policy.worker_task_execution-role_write-logs",
      ]),
    );
  });

  test("keeps its earlier revisions, so that ECS and a release can go back", () => {
    expect(worker().only("aws_ecs_task_definition")).toMatchObject({ skip_destroy: true });
  });
});

describe("an image pointer", () => {
  test("is made once as none, and Terraform never writes it again", () => {
    expect(worker().only("aws_ssm_parameter")).toMatchObject({
      name: "/fb-dev/worker/image",
      type: "String",
      insecure_value: "none",
      lifecycle: { ignore_changes: ["insecure_value"] },
    });
  });

  test("while it is none, no task is asked for and none can be, and the image is in no registry", () => {
    const made = worker({ tasks: { min: 2, max: 10 } });
    expect(beforeAndAfter(made.only("aws_ecs_service")["desired_count"])).toEqual(["0", "2"]);
    expect(beforeAndAfter(made.only("aws_appautoscaling_target")["min_capacity"])).toEqual(["0", "2"]);
    expect(beforeAndAfter(made.only("aws_appautoscaling_target")["max_capacity"])).toEqual(["0", "10"]);
    expect(container(made)["image"]).toBe(
      '(local.worker_image_value == "none") ? ' +
        'join(":", [aws_ecr_repository.images.repository_url, "none"]) : local.worker_image_value',
    );
  });

  test("is read after an import too, which puts the value into the parameter's secret argument", () => {
    const pointer = "aws_ssm_parameter.worker_image";
    expect(worker().locals).toEqual({
      worker_image_value: `\${nonsensitive(coalesce(${pointer}.insecure_value, ${pointer}.value))}`,
    });
  });

  test("may name images of the service's own repository only", () => {
    const { precondition } = worker().only("aws_ecs_task_definition")["lifecycle"] as {
      precondition: [{ condition: string; error_message: string }];
    };
    expect(precondition[0].condition).toContain('local.worker_image_value == "none"');
    expect(precondition[0].condition).toContain('"${aws_ecr_repository.images.repository_url}@sha256:"');
    expect(precondition[0].error_message).toContain("aws ssm put-parameter --overwrite");
  });
});

describe("a service", () => {
  test("runs in the private subnets without a public address, and nobody can connect to it", () => {
    const made = worker();
    const network = made.only("aws_ecs_service")["network_configuration"] as Record<string, unknown>;
    expect(network).toMatchObject({
      assign_public_ip: false,
      security_groups: ["${aws_security_group.worker_security-group.id}"],
    });
    for (const subnet of network["subnets"] as string[]) expect(subnet).toContain("private-");
    expect(made.all("aws_vpc_security_group_ingress_rule")).toEqual({});
  });

  test("rolls a failed rollout back, and fails the apply with what to do", () => {
    const service = worker().only("aws_ecs_service");
    expect(service).toMatchObject({
      deployment_circuit_breaker: { enable: true, rollback: true },
      deployment_minimum_healthy_percent: 100,
      deployment_maximum_percent: 200,
      wait_for_steady_state: true,
      lifecycle: {
        postcondition: [
          {
            condition: "${(self.task_definition == aws_ecs_task_definition.worker_task.arn)}",
            error_message: expect.stringMatching(
              /^The rollout of worker failed.*\/ecs\/fb-dev-worker.*earlier image/,
            ) as string,
          },
        ],
      },
    });
  });

  test("leaves the number of its tasks to scaling", () => {
    expect(worker().only("aws_ecs_service")).toMatchObject({ lifecycle: { ignore_changes: ["desired_count"] } });
  });

  test("spreads over the zones again after one failed, and tags its tasks", () => {
    expect(worker().only("aws_ecs_service")).toMatchObject({
      availability_zone_rebalancing: "ENABLED",
      enable_ecs_managed_tags: true,
      propagate_tags: "SERVICE",
      enable_execute_command: false,
    });
  });

  test("that finds no capacity is counted by its own rule, and alarmed on", () => {
    const made = worker();
    expect(parsed(made.only("aws_cloudwatch_event_rule"), "event_pattern")).toEqual({
      source: ["aws.ecs"],
      "detail-type": ["ECS Service Action"],
      resources: ["${aws_ecs_service.worker.id}"],
      detail: { eventName: ["SERVICE_TASK_PLACEMENT_FAILURE"] },
    });
    let alarms: AlarmSpec[] = [];
    worker({}, (service) => (alarms = service.alarms()));
    expect(alarms).toContainEqual(expect.objectContaining({ id: "placement", threshold: 0, severity: "critical" }));
  });
});

test("a service without a queue scales on CPU and memory", () => {
  const made = inStack((stack) => new Service(stack, "reaper", surroundings(stack)));
  expect(made.errors).toEqual([]);
  expect(Object.keys(made.all("aws_appautoscaling_policy"))).toEqual(["reaper_scaling_cpu", "reaper_scaling_memory"]);
});

test("a secret under two names is one grant", () => {
  const made = inStack((stack) => {
    const common = surroundings(stack);
    const { DATABASE_URL } = common.secrets;
    new Service(stack, "worker", {
      ...common,
      secrets: { A: DATABASE_URL, B: DATABASE_URL },
      scaleOn: new Queue(stack, "q"),
    });
  });
  expect(Object.keys(made.all("aws_iam_role_policy")).filter((id) => id.endsWith("url-read"))).toHaveLength(1);
});
