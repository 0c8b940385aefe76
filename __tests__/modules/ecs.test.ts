import fc from "fast-check";
import { Cluster, HttpService, LoadBalancer, Service } from "../../modules/ecs";
import { type AlarmSpec, type Graph, type Monitored } from "../../modules/monitoring/alarm-spec";
import { Queue } from "../../modules/sqs";
import { inStack, parsed } from "../support/module";
import { api, at, beforeAndAfter, container, surroundings, worker } from "../support/services";

const alarmsOf = (make: (use: (service: Monitored) => void) => unknown): AlarmSpec[] => {
  let alarms: AlarmSpec[] = [];
  make((service) => (alarms = service.alarms()));
  return alarms;
};

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
      '(aws_ssm_parameter.worker_image.insecure_value == "none") ? ' +
        'join(":", [aws_ecr_repository.images.repository_url, "none"]) : aws_ssm_parameter.worker_image.insecure_value',
    );
  });

  test("may name images of the service's own repository only", () => {
    const { precondition } = worker().only("aws_ecs_task_definition")["lifecycle"] as {
      precondition: [{ condition: string; error_message: string }];
    };
    expect(precondition[0].condition).toContain('insecure_value == "none"');
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
    expect(alarmsOf((use) => worker({}, use))).toContainEqual(
      expect.objectContaining({ id: "placement", threshold: 0, severity: "critical" }),
    );
  });
});

describe("an HTTP service", () => {
  const group = (settings = {}) => api(settings).only("aws_lb_target_group");

  test("is reached by its load balancer alone, on its port", () => {
    const made = api();
    expect(made.errors).toEqual([]);
    expect(at(made, "aws_vpc_security_group_ingress_rule", "api_security-group_from-load-balancer")).toMatchObject({
      from_port: 8080,
      to_port: 8080,
      referenced_security_group_id: "${aws_security_group.load-balancer_security-group.id}",
    });
    expect(Object.keys(made.all("aws_vpc_security_group_ingress_rule"))).toHaveLength(2);
  });

  test("is not asked for before its load balancer has a way to it: AWS would refuse it", () => {
    expect(api().only("aws_ecs_service")["depends_on"]).toContain("aws_lb_listener_rule.api_rule");
  });

  test("drops no request in a deploy: a task may answer for longer than the load balancer sends it any", () => {
    const delay = Number(group()["deregistration_delay"]);
    expect(container(api())["stopTimeout"]).toBeGreaterThan(delay);
    expect(container(api({ stopTimeout: 45 }))["stopTimeout"]).toBe(45);
    expect(api({ stopTimeout: 20 }).errors).toEqual([
      expect.stringMatching(/^api: stopTimeout: expected an integer from 30 to 120 seconds, got 20/),
    ]);
  });

  test("has time to start before failed health checks count", () => {
    const { interval, unhealthy_threshold } = group()["health_check"] as Record<string, number>;
    const grace = Number(api().only("aws_ecs_service")["health_check_grace_period_seconds"]);
    expect(grace).toBeGreaterThan(Number(interval) * Number(unhealthy_threshold));
    expect(group()["health_check"]).toMatchObject({ path: "/health", matcher: "200" });
  });

  test("gets a target group of another name, made before the old one goes, when what replaces it changes", () => {
    expect(group({ port: 9090 })["name"]).not.toBe(group()["name"]);
    expect(group({ healthPath: "/ready" })["name"]).toBe(group()["name"]);
    expect(group()).toMatchObject({ target_type: "ip", lifecycle: { create_before_destroy: true } });
  });

  test("has a target group whose name fits into AWS's 32 characters, however long its own", () => {
    fc.assert(
      fc.property(fc.stringMatching(/^[a-z][a-z0-9]{0,20}(-[a-z0-9]{1,20}){0,3}$/), (id) => {
        const made = inStack((stack) => {
          const common = surroundings(stack);
          const loadBalancer = new LoadBalancer(stack, "load-balancer", { network: common.network, protect: false });
          new HttpService(stack, `x-${id}`, { ...common, loadBalancer, port: 8080, healthPath: "/" });
        });
        expect(String(made.only("aws_lb_target_group")["name"])).toMatch(/^fb-dev-[a-z0-9-]{1,25}$/);
      }),
      { numRuns: 25 },
    );
  });
});

describe("wrong settings are errors that name the service, what was wrong, and what to do", () => {
  test.each([
    [
      { cpu: 512, memory: 512 },
      /^worker: memory: expected 1024–4096 MiB in steps of 1024: 512 CPU units .*, got 512\./,
    ],
    [
      { cpu: 256, memory: 4096 },
      /^worker: memory: expected 512, 1024, 2048 MiB: 256 CPU units allow no other, got 4096/,
    ],
    [{ cpu: 300 }, /^worker: cpu: expected 256, 512, 1024, 2048, 4096, 8192, 16384 CPU units, got 300/],
    [{ memory: "512" }, /^worker: memory: expected 512, 1024, 2048 MiB.*got "512"/],
    [{ cpu: NaN }, /^worker: cpu: expected .* got NaN/],
    [{ logRetentionDays: 8 }, /^worker: logRetentionDays: expected one of/],
    [{ stopTimeout: 121 }, /^worker: stopTimeout: expected an integer from 2 to 120 seconds, got 121/],
    [{ environment: { "A-B": "" } }, /^worker: environment and secrets: expected names of letters, digits and _/],
    [{ environment: { DATABASE_URL: "" } }, /^worker: environment and secrets: expected each name once/],
    [{ messagesPerTask: 0 }, /^worker: messagesPerTask: expected an integer from 1/],
  ])("%j", (settings, error) => {
    expect(worker(settings).errors).toEqual([expect.stringMatching(error)]);
  });

  test.each([
    [{ port: 80 }, /^api: port: expected an integer from 1024 to 65535, got 80\. Lower ports are root's/],
    [{ healthPath: "health" }, /^api: healthPath: expected a path that begins with \/, got "health"/],
    [{ healthPath: undefined }, /^api: healthPath: expected .* got undefined/],
  ])("%j", (settings, error) => {
    expect(api(settings).errors).toEqual([expect.stringMatching(error)]);
  });

  test("a capacity that there is not", () => {
    const { errors } = inStack((stack) => new Cluster(stack, "cluster", { capacity: "reserved" as "spot" }));
    expect(errors).toEqual([expect.stringMatching(/^cluster: capacity: expected spot or on-demand, got "reserved"/)]);
  });

  test("every pair that Fargate offers passes, and all of a service's errors are told at once", () => {
    for (const [cpu, memory] of [
      [256, 2048],
      [512, 4096],
      [1024, 3072],
      [2048, 16_384],
      [4096, 30_720],
      [8192, 61_440],
      [16_384, 122_880],
    ]) {
      expect(worker({ cpu, memory }).errors).toEqual([]);
    }
    expect(worker({ cpu: 1, stopTimeout: 0, logRetentionDays: 0, tasks: { min: 3, max: 2 } }).errors).toHaveLength(4);
  });
});

describe("the person on call", () => {
  const all = (min: number): AlarmSpec[] => [
    ...alarmsOf((use) => api({ tasks: { min, max: 4 } }, use)),
    ...alarmsOf((use) => worker({ tasks: { min, max: 4 } }, use)),
  ];

  test("is told for every alarm what happened, and where to look first", () => {
    for (const { description, minutes } of all(1)) {
      expect(description.length).toBeGreaterThan(100);
      expect(description).toMatch(/fb-dev-(api|worker)/);
      expect(minutes).toBeGreaterThanOrEqual(1);
    }
  });

  test("is woken when fewer tasks run than must, even if none is left to send a metric", () => {
    expect(all(2).filter(({ id }) => id === "tasks")).toEqual(
      Array(2).fill(expect.objectContaining({ threshold: 2, when: "below", missing: "alarm", severity: "critical" })),
    );
  });

  test("is not woken by a service that sleeps, nor by the requests that wake it", () => {
    expect(all(0).map(({ id }) => id)).not.toEqual(expect.arrayContaining(["tasks"]));
    expect(all(0).map(({ id }) => id)).not.toContain("unanswered");
    expect(all(0).filter(({ missing }) => missing === "alarm")).toEqual([]);
  });

  test("sees requests, errors, response times, CPU, memory and tasks, in four graphs at most", () => {
    let graphs: Graph[] = [];
    api({}, (service) => (graphs = service.graphs()));
    expect(graphs).toHaveLength(4);
    expect(graphs.flatMap(({ metrics }) => metrics.map(({ name, statistic }) => `${name} ${statistic}`))).toEqual(
      expect.arrayContaining([
        "RequestCount Sum",
        "HTTPCode_Target_5XX_Count Sum",
        "TargetResponseTime p99",
        "CPUUtilization Average",
        "MemoryUtilization Average",
        "CPUUtilization SampleCount",
      ]),
    );
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
