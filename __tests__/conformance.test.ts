import { type CacheSize } from "../environments/environment";
import { RESOURCELESS_ACTIONS } from "../modules/iam";
import { systems } from "../stacks";
import { TAKEN_OVER, identityOf, kindOf } from "../tools/doctor/kinds";
import { PROBES } from "../tools/doctor/probes";
import { type Resource, type StackJson, everyEnvironment, resources, synthesized } from "./support/synth";

interface Statement {
  readonly Effect: string;
  readonly Action: string | readonly string[];
  readonly Resource?: string | readonly string[];
}

const list = (value: string | readonly string[] | undefined): string[] =>
  value === undefined ? [] : ([value].flat() as string[]);

/** Every policy document in a stack, wherever an argument holds one. */
function policies(stack: StackJson): { at: Resource; argument: string; statements: Statement[] }[] {
  return resources(stack).flatMap((at) =>
    Object.entries(at.args)
      .filter(([, value]) => typeof value === "string" && value.includes('"Statement"'))
      .map(([argument, value]) => ({
        at,
        argument,
        statements: (JSON.parse(value as string) as { Statement: Statement[] }).Statement,
      })),
  );
}

/** The arguments that must be so wherever a resource of the type stands. */
const ALWAYS: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {
  aws_db_instance: { storage_encrypted: true, publicly_accessible: false },
  aws_rds_cluster: { storage_encrypted: true },
  aws_rds_cluster_instance: { publicly_accessible: false },
  aws_elasticache_replication_group: { at_rest_encryption_enabled: "true", transit_encryption_enabled: true },
  aws_sqs_queue: { sqs_managed_sse_enabled: true },
  aws_ecr_repository: { image_tag_mutability: "IMMUTABLE" },
  aws_dynamodb_table: { deletion_protection_enabled: true },
  aws_lb: { drop_invalid_header_fields: true },
  aws_kms_key: { enable_key_rotation: true },
  aws_instance: {
    metadata_options: { http_tokens: "required", http_put_response_hop_limit: 1 },
    root_block_device: { encrypted: true },
  },
  aws_s3_bucket_public_access_block: {
    block_public_acls: true,
    block_public_policy: true,
    ignore_public_acls: true,
    restrict_public_buckets: true,
  },
  aws_s3_bucket_ownership_controls: { rule: { object_ownership: "BucketOwnerEnforced" } },
};

/** The longest names that AWS takes, from its API references. */
const LONGEST: Readonly<Record<string, readonly [argument: string, max: number]>> = {
  aws_lb: ["name", 32],
  aws_lb_target_group: ["name", 32],
  aws_elasticache_replication_group: ["replication_group_id", 40],
  aws_elasticache_user: ["user_id", 40],
  aws_elasticache_user_group: ["user_group_id", 40],
  aws_db_instance: ["identifier", 63],
  aws_rds_cluster: ["cluster_identifier", 63],
  aws_rds_cluster_instance: ["identifier", 63],
  aws_s3_bucket: ["bucket", 63],
  aws_iam_role: ["name", 64],
  aws_lambda_function: ["function_name", 64],
  aws_scheduler_schedule: ["name", 64],
  aws_sqs_queue: ["name", 80],
  aws_cloudtrail: ["name", 128],
  aws_ecs_cluster: ["name", 255],
  aws_ecs_service: ["name", 255],
  aws_cloudwatch_metric_alarm: ["alarm_name", 255],
  aws_cloudwatch_dashboard: ["dashboard_name", 255],
  aws_sns_topic: ["name", 256],
  aws_ecr_repository: ["name", 256],
};

test("the tables name what there is: a type that no stack has would be looked at in vain", () => {
  const made = everyEnvironment.flatMap((names) => {
    const { stack, state, account } = synthesized(...names);
    return [stack, state, account].flatMap(({ resource }) => Object.keys(resource));
  });
  expect([...Object.keys(ALWAYS), ...Object.keys(LONGEST)].filter((type) => !made.includes(type))).toEqual([]);
});

describe.each(everyEnvironment)("%s %s", (system, environment) => {
  const { stack, state, account, errors } = synthesized(system, environment);
  const stacks = [stack, state, account];
  const all = stacks.flatMap((one) => resources(one));
  const of = (type: string): Resource[] => all.filter((resource) => resource.type === type);

  test("synthesizes without an error", () => {
    expect(errors).toEqual([]);
    expect(resources(stack).length).toBeGreaterThan(50);
    for (const one of [state, account]) expect(resources(one).length).toBeGreaterThan(5);
  });

  test("no address carries a hash, and every one is a path of lower-case words", () => {
    for (const { id } of all) {
      expect(id).not.toMatch(/_[0-9A-F]{8}$/);
      expect(id).toMatch(/^[a-z0-9]+([-_][a-z0-9]+)*$/);
    }
  });

  test("what must be encrypted, closed or kept is so, wherever it stands", () => {
    for (const { type, address, args } of all) {
      expect({ address, ...args }).toMatchObject({ address, ...ALWAYS[type] });
    }
  });

  test("every name is the deployment's, and short enough for AWS", () => {
    const deployments = {
      [`${String(systems[system]?.shortName)}-${environment}`]: stack,
      [`account-${environment}`]: account,
    };
    for (const [deployment, one] of Object.entries(deployments)) {
      for (const resource of resources(one)) {
        const [argument, max] = LONGEST[resource.type] ?? [];
        if (argument === undefined || max === undefined) continue;
        const name = resource.args[argument] as string;
        expect(`${resource.address}: ${name}`).toContain(`: ${deployment}-`);
        expect(name.length).toBeLessThanOrEqual(max);
      }
    }
  });

  test("every action in a policy is named; * as a resource only where AWS gives none", () => {
    const found = stacks.flatMap((one) => policies(one));
    expect(found.length).toBeGreaterThan(5);
    for (const { at, argument, statements } of found) {
      for (const { Effect, Action, Resource } of statements) {
        if (Effect === "Deny") continue;
        for (const action of list(Action)) {
          expect(`${at.address}: ${action}`).not.toContain("*");
          // In a key's own policy "*" is that key.
          if (at.type === "aws_kms_key" && argument === "policy") continue;
          if (list(Resource).includes("*")) expect([...RESOURCELESS_ACTIONS]).toContain(action);
        }
      }
    }
  });

  test("nothing but the load balancer accepts the internet, and no group has rules of its own", () => {
    for (const { args } of of("aws_security_group")) expect(args).not.toHaveProperty("ingress");
    expect(of("aws_default_security_group").map(({ args }) => args)).toMatchObject([{ ingress: [], egress: [] }]);
    const open = of("aws_vpc_security_group_ingress_rule").filter(
      ({ args }) => "cidr_ipv4" in args || "cidr_ipv6" in args,
    );
    const privateBlocks = of("aws_subnet")
      .filter(({ id }) => id.includes("_private-"))
      .map(({ args }) => args["cidr_block"]);
    for (const { args } of open) {
      const group = String(args["security_group_id"]);
      // A NAT instance gets what private subnets send to the internet; nothing else is let in by address.
      if (/_nat-[a-c]_security-group\./.test(group)) expect(privateBlocks).toContain(args["cidr_ipv4"]);
      else expect(group).toContain("aws_security_group.load-balancer");
    }
    const placement = systems[system]?.environments[environment]?.network.tasks ?? "private";
    for (const { args } of of("aws_ecs_service")) {
      const { subnets, assign_public_ip } = args["network_configuration"] as {
        subnets: string[];
        assign_public_ip: boolean;
      };
      expect(assign_public_ip).toBe(placement === "public");
      for (const subnet of subnets) expect(subnet).toContain(`_${placement}-`);
    }
  });

  test("EC2 takes the description of every security group and rule", () => {
    const described = all.filter(({ args, type }) => /security_group(_|$)/.test(type) && "description" in args);
    expect(described.length).toBeGreaterThan(10);
    for (const { address, args } of described) {
      expect(`${address}\n${String(args["description"])}`).toMatch(/\n[\w .\-:/()#,@[\]+=&;{}!$*]{1,255}$/);
    }
  });

  test("who signs in to a cache does so by IAM and over TLS, and its default user is switched off", () => {
    const groups = of("aws_elasticache_user_group");
    const caches = of("aws_elasticache_replication_group");
    expect(caches.flatMap(({ args }) => list(args["user_group_ids"] as string[] | undefined)).sort()).toEqual(
      groups.map(({ address }) => `\${${address}.user_group_id}`).sort(),
    );
    for (const { args } of caches) expect(args).toMatchObject({ transit_encryption_mode: "required" });
    for (const { args } of groups) {
      const members = of("aws_elasticache_user").filter(({ address }) =>
        list(args["user_ids"] as string[]).includes(`\${${address}.user_id}`),
      );
      expect(members).toHaveLength(list(args["user_ids"] as string[]).length);
      const defaults = members.filter((user) => user.args["user_name"] === "default");
      expect(defaults.map((user) => user.args["access_string"])).toEqual(["off ~keys* -@all"]);
      for (const user of members.filter((member) => !defaults.includes(member))) {
        expect(user.args).toMatchObject({
          user_name: user.args["user_id"],
          authentication_mode: { type: "iam" },
          access_string: expect.stringContaining("-@dangerous") as unknown,
        });
      }
    }
  });

  test("no cache has a password", () => {
    for (const { address, args } of all.filter(({ type }) => type.startsWith("aws_elasticache_"))) {
      expect(`${address} ${JSON.stringify(args)}`).not.toMatch(/"(passwords|auth_token)\w*"/);
    }
  });

  test("nothing is read while Terraform runs that no argument uses: whoever plans would need a right to it", () => {
    for (const one of stacks) {
      const { ephemeral = {} } = one as StackJson & { ephemeral?: StackJson["resource"] };
      const addresses = Object.entries(ephemeral).flatMap(([type, byId]) =>
        Object.keys(byId).map((id) => `ephemeral.${type}.${id}`),
      );
      const text = JSON.stringify(one);
      expect(addresses.filter((address) => !text.includes(`\${${address}.`))).toEqual([]);
    }
  });

  test("every queue has a dead-letter queue, or is one", () => {
    const queues = of("aws_sqs_queue");
    const redrives = queues.map(({ args }) => String(args["redrive_policy"] ?? ""));
    for (const { id, args } of queues) {
      const isOne = redrives.some((redrive) => redrive.includes(`aws_sqs_queue.${id}.arn`));
      expect(`${id}: ${String("redrive_policy" in args || isOne)}`).toBe(`${id}: true`);
    }
  });

  test("every log group has a retention, and so has every function and service a group", () => {
    for (const { address, args } of of("aws_cloudwatch_log_group")) {
      expect(`${address}: ${String(args["retention_in_days"])}`).toMatch(/: [1-9]\d*$/);
    }
    expect(of("aws_cloudwatch_log_group").length).toBeGreaterThanOrEqual(
      of("aws_lambda_function").length + of("aws_ecs_task_definition").length,
    );
  });

  test("every bucket is encrypted, versioned, closed, and refuses plain HTTP", () => {
    for (const { id } of of("aws_s3_bucket")) {
      for (const type of [
        "aws_s3_bucket_server_side_encryption_configuration",
        "aws_s3_bucket_versioning",
        "aws_s3_bucket_public_access_block",
        "aws_s3_bucket_ownership_controls",
        "aws_s3_bucket_policy",
      ]) {
        expect(of(type).filter(({ args }) => String(args["bucket"]).includes(`aws_s3_bucket.${id}.`))).toHaveLength(1);
      }
    }
    for (const { args } of of("aws_s3_bucket_policy")) {
      expect(JSON.parse(String(args["policy"]))).toMatchObject({
        Statement: expect.arrayContaining([
          expect.objectContaining({
            Effect: "Deny",
            Principal: "*",
            Action: "s3:*",
            Condition: { Bool: { "aws:SecureTransport": "false" } },
          }),
        ]) as unknown,
      });
    }
  });

  test("containers run as somebody, on a file system that they cannot change, without capabilities", () => {
    for (const { args } of of("aws_ecs_task_definition")) {
      const rendered = JSON.stringify(args["container_definitions"]).replaceAll("\\", "");
      expect(rendered).toMatch(/"?readonlyRootFilesystem"?"? ?[:=] ?true/);
      expect(rendered).toMatch(/"?user"?"? ?[:=] ?"[1-9]\d*/);
      expect(rendered).toMatch(/"?drop"?"? ?[:=] ?\["ALL"\]/);
    }
  });

  test("a function's log and metrics say whose they are", () => {
    for (const { address, args } of resources(stack, "aws_lambda_function")) {
      const { variables = {} } = (args["environment"] ?? {}) as { variables?: Record<string, string> };
      if (!("POWERTOOLS_METRICS_NAMESPACE" in variables)) continue;
      expect([address, variables["POWERTOOLS_SERVICE_NAME"]]).toEqual([address, expect.stringMatching(/^[a-z-]+$/)]);
    }
  });

  test("every output has a name in snake_case and says what it is", () => {
    expect(Object.keys(stack.output).length).toBeGreaterThan(0);
    for (const [name, { description }] of stacks.flatMap(({ output }) => Object.entries(output))) {
      expect(name).toMatch(/^[a-z]+(_[a-z]+)*$/);
      expect(description).toMatch(/\w+/);
    }
  });

  test("no path of the machine that synthesized it, and nothing of its environment, is in it", () => {
    const text = JSON.stringify(stacks);
    expect(text).not.toContain(process.cwd());
    expect(text).not.toContain("127.0.0.1");
    expect(text).not.toContain("localhost");
  });

  test("a resource that a killed deploy left is found again: by its name, or a tag Name, that no other of its type has", () => {
    const made = resources(stack).map((resource) => ({ ...resource, path: [], arguments: resource.args }));
    const unknown = made.filter(({ type }) => !kindOf(type) && !(type in PROBES) && !(type in TAKEN_OVER));
    expect(unknown.map(({ address }) => address)).toEqual([]);

    const known = made.filter(({ type }) => kindOf(type));
    expect(known.filter((resource) => identityOf(resource) === undefined)).toEqual([]);
    const identities = known.map((resource) => `${resource.type} ${String(identityOf(resource))}`);
    expect(new Set(identities).size).toBe(identities.length);
  });

  test("it consists of these resources", () => {
    const byType = Object.entries(stack.resource).map(
      ([type, byId]) => `${type}: ${Object.keys(byId).sort().join(" ")}`,
    );
    expect(byType.sort()).toMatchSnapshot();
  });
});

describe.each(everyEnvironment.filter(([system]) => system === "flow-builder"))("%s %s", (system, environment) => {
  test("no function reserves concurrency, which Lambda refuses to an account with a new one's quota", () => {
    const functions = resources(synthesized(system, environment).stack, "aws_lambda_function");
    expect(functions).toHaveLength(1);
    for (const { args } of functions) expect(args).not.toHaveProperty("reserved_concurrent_executions");
  });
});

describe.each(everyEnvironment.filter(([, environment]) => environment === "production"))(
  "%s %s",
  (system, environment) => {
    const { stack, state, account } = synthesized(system, environment);

    test("what holds data resists its deletion", () => {
      const of = (type: string): Resource[] => [stack, state, account].flatMap((one) => resources(one, type));
      const databases = [...of("aws_db_instance"), ...of("aws_rds_cluster")];
      expect(databases.length).toBeGreaterThan(0);
      for (const { args } of databases) {
        expect(args).toMatchObject({
          deletion_protection: true,
          skip_final_snapshot: false,
          delete_automated_backups: false,
        });
        expect(args["backup_retention_period"]).toBeGreaterThanOrEqual(7);
      }
      for (const { args } of of("aws_db_instance")) expect(args["multi_az"]).toBe(true);
      for (const { args } of of("aws_secretsmanager_secret")) expect(args["recovery_window_in_days"]).toBe(30);
      for (const { args } of of("aws_ecr_repository")) expect(args["force_delete"]).not.toBe(true);
      for (const { args } of of("aws_s3_bucket")) expect(args["force_destroy"]).not.toBe(true);
      for (const { args } of of("aws_lb")) expect(args["enable_deletion_protection"]).toBe(true);
      for (const { args } of of("aws_elasticache_replication_group")) {
        const { cache } = systems[system]?.environments[environment] as unknown as { cache: CacheSize };
        const replicated = cache.durability === "replica";
        expect(args).toMatchObject({ automatic_failover_enabled: replicated, multi_az_enabled: replicated });
        if (!replicated) expect(args["snapshot_retention_limit"]).toBeGreaterThanOrEqual(1);
        expect(args["final_snapshot_identifier"]).toBeDefined();
      }
    });

    test("it has alarms, and every alarm says what to do first, and tells somebody or takes a release back", () => {
      const alarms = resources(stack, "aws_cloudwatch_metric_alarm");
      const shifts = JSON.stringify(resources(stack, "aws_codedeploy_deployment_group"));
      expect(alarms.length).toBeGreaterThan(10);
      for (const { address, args } of alarms) {
        expect(String(args["alarm_description"]).length).toBeGreaterThan(30);
        if (!shifts.includes(`${address}.alarm_name`)) expect(args["alarm_actions"]).toHaveLength(1);
      }
    });

    test("it logs who spoke with whom in its network, accepted and rejected, and keeps that for a while", () => {
      expect(resources(stack, "aws_flow_log").map(({ args }) => args)).toMatchObject([
        { vpc_id: "${aws_vpc.network.id}", traffic_type: "ALL" },
      ]);
      expect(stack.resource["aws_cloudwatch_log_group"]?.["network_flow-logs_logs"]).toMatchObject({
        retention_in_days: expect.any(Number) as unknown,
      });
    });

    test("it speaks TLS 1.2 or later to the internet, and plain HTTP only to redirect", () => {
      for (const { args } of resources(stack, "aws_lb_listener")) {
        if (args["protocol"] === "HTTP") expect(JSON.stringify(args["default_action"])).toContain('"redirect"');
        else expect(args["ssl_policy"]).toMatch(/^ELBSecurityPolicy-TLS13-1-2/);
      }
    });
  },
);
