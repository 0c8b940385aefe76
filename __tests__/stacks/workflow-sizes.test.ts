import { type Arguments, type StackJson, resources, synthesized } from "../support/synth";

const ORCHESTRATOR = "workflow-orchestrator";
const ENGINE = "workflow-engine";

const all = (stack: StackJson, type: string): Arguments[] => resources(stack, type).map(({ args }) => args);
const only = (stack: StackJson, type: string): Arguments => {
  const found = all(stack, type);
  expect(found).toHaveLength(1);
  return found[0] ?? {};
};
const of = (system: string, environment: string): StackJson => synthesized(system, environment).stack;

/** The services of a stack: how many tasks each runs at least and at most, and how large each is. */
function services(stack: StackJson): Record<string, string> {
  return Object.fromEntries(
    resources(stack, "aws_ecs_service").map(({ id }) => {
      const { cpu, memory } = stack.resource["aws_ecs_task_definition"]?.[`${id}_task`] as Record<string, string>;
      const { min_capacity: min, max_capacity: max } = stack.resource["aws_appautoscaling_target"]?.[
        `${id}_scaling`
      ] as Record<string, string>;
      return [id, `${bound(min)}–${bound(max)} × ${String(cpu)}/${String(memory)}`];
    }),
  );
}

/** The bound that holds once an image is released. */
function bound(expression: unknown): string {
  return /\? 0 : (\d+)/.exec(String(expression))?.[1] ?? String(expression);
}

/** The commands of a stack's containers, by the task's address. */
function commands(stack: StackJson): Record<string, string> {
  return Object.fromEntries(
    resources(stack, "aws_ecs_task_definition").map(({ id, args }) => [
      id,
      /"?command"? = \[([^\]]*)\]/.exec(String(args["container_definitions"]))?.[1] ?? "",
    ]),
  );
}

/** What each container of a stack is given, by the task's address: variables and secrets, with the references that they are. */
function given(stack: StackJson): Record<string, Record<"value" | "valueFrom", Record<string, string>>> {
  return Object.fromEntries(
    resources(stack, "aws_ecs_task_definition").map(({ id, args }) => {
      const found = { value: {}, valueFrom: {} } as Record<"value" | "valueFrom", Record<string, string>>;
      const pairs = String(args["container_definitions"]).matchAll(
        /\{"name" = "(\w+)", "(value|valueFrom)" = (?:"([^"]*)"|([^"}]+))\}/g,
      );
      for (const [, name = "", kind, text, reference] of pairs)
        found[kind as keyof typeof found][name] = text ?? `\${${String(reference)}}`;
      return [id, found];
    }),
  );
}

/** The only target group, as tasks see it: the port that they listen on, and what they are asked. */
function asked(stack: StackJson): unknown {
  const { port, protocol, health_check: health } = only(stack, "aws_lb_target_group");
  const { path, matcher } = health as Record<string, string>;
  return { port, protocol, path, matcher };
}

const database = (stack: StackJson): Arguments => only(stack, "aws_db_instance");
const cache = (stack: StackJson): Arguments => only(stack, "aws_elasticache_replication_group");

describe("Workflow Orchestrator", () => {
  const dev = of(ORCHESTRATOR, "dev");
  const production = of(ORCHESTRATOR, "production");

  test("is four services of one size each, and a task that migrates, of one image with five commands", () => {
    expect(services(dev)).toEqual(
      Object.fromEntries(["api", "orchestrator", "reaper", "worker"].map((id) => [id, "1–1 × 256/512"])),
    );
    expect(services(production)).toEqual(
      Object.fromEntries(["api", "orchestrator", "reaper", "worker"].map((id) => [id, "1–1 × 512/1024"])),
    );
    expect(all(dev, "aws_ecr_repository")).toHaveLength(1);
    expect(commands(dev)).toEqual({
      api_task: '"api"',
      migrate_task: '"migrate"',
      orchestrator_task: '"orchestrator"',
      reaper_task: '"reaper"',
      worker_task: '"worker"',
    });
  });

  test("gives all five the Redis by URL, whom and for which cache they sign in, and the database's URL as a secret", () => {
    for (const stack of [dev, production]) {
      const all = {
        value: {
          REDIS_URL: "rediss://${aws_elasticache_replication_group.cache.primary_endpoint_address}:6379",
          REDIS_USER: "${aws_elasticache_user.cache_user.user_name}",
          REDIS_NAME: "${aws_elasticache_replication_group.cache.replication_group_id}",
        },
        valueFrom: { DATABASE_URL: "${aws_secretsmanager_secret_version.database_url_value.arn}" },
      };
      const tasks = ["api_task", "migrate_task", "orchestrator_task", "reaper_task", "worker_task"];
      expect(given(stack)).toEqual(Object.fromEntries(tasks.map((task) => [task, all])));
      expect(asked(stack)).toEqual({ port: 8080, protocol: "HTTP", path: "/health", matcher: "200" });
    }
  });

  test("in dev is on Spot only, in public subnets, without NAT and alarms; its load balancer faces the internet", () => {
    expect(all(dev, "aws_nat_gateway")).toEqual([]);
    expect(all(dev, "aws_instance")).toEqual([]);
    expect(all(dev, "aws_cloudwatch_metric_alarm")).toEqual([]);
    expect(JSON.stringify(only(dev, "aws_ecs_cluster_capacity_providers")["default_capacity_provider_strategy"])).toBe(
      '[{"base":0,"capacity_provider":"FARGATE_SPOT","weight":1}]',
    );
    expect(only(dev, "aws_lb")["internal"]).not.toBe(true);
  });

  test("shows in dev, without alarms, that ECS found no capacity for a task", () => {
    expect(all(dev, "aws_cloudwatch_event_rule").map(({ event_pattern: pattern }) => String(pattern))).toEqual(
      Array.from({ length: 4 }, () => expect.stringContaining("SERVICE_TASK_PLACEMENT_FAILURE")),
    );
    expect(JSON.stringify(only(dev, "aws_cloudwatch_dashboard"))).toContain("TriggeredRules");
  });

  test("has a PostgreSQL 15 and a Redis 7 of the sizes of its table", () => {
    expect(database(dev)).toMatchObject({
      ...{ engine_version: "15", instance_class: "db.t3.micro", allocated_storage: 20, multi_az: false },
    });
    expect(database(production)).toMatchObject({
      ...{ engine_version: "15", instance_class: "db.t3.small", allocated_storage: 50, multi_az: true },
    });
    expect(database(production)["backup_retention_period"]).toBeGreaterThanOrEqual(7);
    expect(cache(dev)).toMatchObject({ engine_version: "7.1", node_type: "cache.t3.micro", num_cache_clusters: 1 });
    expect(cache(production)).toMatchObject({ node_type: "cache.t3.small", num_cache_clusters: 1 });
  });

  test("in production has one NAT gateway, and alarms on the database's CPU, storage and connections", () => {
    expect(all(production, "aws_nat_gateway")).toHaveLength(1);
    const alarms = resources(production, "aws_cloudwatch_metric_alarm").map(({ id }) => id);
    for (const what of ["cpu", "storage", "connections"]) {
      expect(alarms).toContainEqual(expect.stringMatching(new RegExp(`database.*${what}`)));
    }
  });
});

describe("Workflow Engine", () => {
  const [dev, staging, production] = ["dev", "staging", "production"].map((environment) => of(ENGINE, environment)) as [
    StackJson,
    StackJson,
    StackJson,
  ];

  test("is one server of the sizes and counts of its table, which scales in production", () => {
    expect([dev, staging, production].map(services)).toEqual([
      { server: "1–1 × 256/512" },
      { server: "2–2 × 512/1024" },
      { server: "3–10 × 2048/4096" },
    ]);
    expect([dev, staging].flatMap((stack) => all(stack, "aws_appautoscaling_policy"))).toEqual([]);
    expect(all(production, "aws_appautoscaling_policy").length).toBeGreaterThan(0);
  });

  test("has a database and a Redis of the sizes of its table", () => {
    expect([dev, staging, production].map(database)).toMatchObject([
      { instance_class: "db.t3.micro", multi_az: false, deletion_protection: false },
      { instance_class: "db.t3.small", multi_az: true, deletion_protection: true },
      { instance_class: "db.r7g.large", multi_az: true, deletion_protection: true },
    ]);
    expect([dev, staging, production].map(cache)).toMatchObject([
      { node_type: "cache.t3.micro", num_cache_clusters: 1 },
      { node_type: "cache.t3.small", num_cache_clusters: 1 },
      { node_type: "cache.r7g.large", num_cache_clusters: 2, automatic_failover_enabled: true },
    ]);
  });

  test("keeps its logs for as many days as its table says", () => {
    expect(
      [dev, staging, production].map((stack) => stack.resource["aws_cloudwatch_log_group"]?.["server_task_logs"]),
    ).toMatchObject([{ retention_in_days: 30 }, { retention_in_days: 30 }, { retention_in_days: 90 }]);
  });

  test("speaks HTTPS on 443, sends 80 there, and its tasks listen on 8080", () => {
    for (const stack of [staging, production]) {
      const ports = all(stack, "aws_lb_listener").map((args) => [args["port"], args["protocol"]]);
      expect(ports.sort()).toEqual([
        [443, "HTTPS"],
        [80, "HTTP"],
      ]);
      expect(JSON.stringify(all(stack, "aws_lb_listener"))).toContain("HTTP_301");
      expect(only(stack, "aws_lb_target_group")["port"]).toBe(8080);
    }
  });

  test("gets the variables of its contract, those of TLS and IAM, and its two secrets by reference, and no others", () => {
    for (const stack of [dev, staging, production]) {
      expect(given(stack)).toEqual({
        server_task: {
          value: {
            WORKFLOW_ADDR: ":8080",
            WORKFLOW_DB_HOST: "${aws_db_instance.database.endpoint}",
            WORKFLOW_DB_NAME: "app",
            WORKFLOW_DB_USER: "app",
            WORKFLOW_REDIS_ADDR: "${aws_elasticache_replication_group.cache.primary_endpoint_address}:6379",
            WORKFLOW_REDIS_TLS: "true",
            WORKFLOW_REDIS_USER: "${aws_elasticache_user.cache_user.user_name}",
            WORKFLOW_REDIS_NAME: "${aws_elasticache_replication_group.cache.replication_group_id}",
          },
          valueFrom: {
            WORKFLOW_DB_PASSWORD: "${aws_secretsmanager_secret_version.database_password_value.arn}",
            JWT_SECRET: "${aws_secretsmanager_secret_version.jwt_value.arn}",
          },
        },
      });
      expect(database(stack)).toMatchObject({ db_name: "app", username: "app" });
      expect(commands(stack)).toEqual({ server_task: '"-config", "/etc/workflow/config.yaml"' });
      expect(asked(stack)).toEqual({ port: 8080, protocol: "HTTP", path: "/health", matcher: "200" });
    }
  });

  test("tells by e-mail of 80 % CPU, 85 % memory, more than 10 errors a minute and any unhealthy host", () => {
    const byMetric = (name: string) => {
      const found = all(production, "aws_cloudwatch_metric_alarm").filter(
        (args) =>
          args["metric_name"] === name &&
          JSON.stringify(args["dimensions"]).match(/ServiceName|TargetGroup|LoadBalancer/),
      );
      return found.map(({ threshold, period, evaluation_periods: periods }) => [threshold, period, periods]);
    };
    expect(byMetric("CPUUtilization")).toContainEqual([80, 60, 15]);
    expect(byMetric("MemoryUtilization")).toEqual([[85, 60, 10]]);
    expect(byMetric("HTTPCode_Target_5XX_Count")).toEqual([[10, 60, 1]]);
    expect(byMetric("HTTPCode_ELB_5XX_Count")).toEqual([[10, 60, 1]]);
    expect(byMetric("UnHealthyHostCount")).toEqual([[0, 60, 5]]);
    expect(only(production, "aws_sns_topic_subscription")).toMatchObject({ protocol: "email" });
  });
});
