import "cdktf/lib/testing/adapters/jest";
import { ElasticacheReplicationGroup } from "@cdktf/provider-aws/lib/elasticache-replication-group";
import { Testing } from "cdktf";
import { Redis, type RedisProps } from "../../modules/elasticache";
import { Role } from "../../modules/iam";
import { type AlarmSpec } from "../../modules/monitoring/alarm-spec";
import { Network, SecurityGroup } from "../../modules/networking";
import { inStack } from "../support/module";
import { expectApart } from "../support/windows";

type Settings = Omit<RedisProps, "network">;

const dev: Settings = { nodeType: "cache.t4g.micro", replicas: 0, snapshotDays: 0, protect: false };
const production: Settings = { nodeType: "cache.r7g.large", replicas: 2, snapshotDays: 7, protect: true };

const redis = (
  settings: Partial<Record<keyof Settings, unknown>> = {},
  use: (cache: Redis, network: Network) => void = () => undefined,
  id = "cache",
) =>
  inStack((stack) => {
    const network = new Network(stack, "network", { cidr: "10.0.0.0/16", zones: 2, nat: "none" });
    use(new Redis(stack, id, { network, ...dev, ...settings } as RedisProps), network);
  });

const group = (settings?: Partial<Settings>) => redis(settings).only("aws_elasticache_replication_group");

test("a cache is encrypted at rest, speaks TLS only, and has no password that would stand in the state", () => {
  expect(group()).toMatchObject({
    at_rest_encryption_enabled: "true",
    transit_encryption_enabled: true,
    transit_encryption_mode: "required",
  });
  expect(group()).not.toHaveProperty("auth_token");
  expect(redis().errors).toEqual([]);
});

test("a cache lies in the isolated subnets and lets nobody in or out", () => {
  const made = redis();
  for (const subnet of made.only("aws_elasticache_subnet_group")["subnet_ids"] as string[]) {
    expect(subnet).toContain("isolated-");
  }
  expect(made.only("aws_elasticache_replication_group")["security_group_ids"]).toEqual([
    "${aws_security_group.cache_access.id}",
  ]);
  expect(made.all("aws_vpc_security_group_ingress_rule")).toEqual({});
  expect(made.all("aws_vpc_security_group_egress_rule")).toEqual({});
});

test("only those who are let in may connect, on Redis's port", () => {
  const made = redis({}, (cache, network) => {
    const securityGroup = new SecurityGroup(cache.node.root.node.findChild("dev-stack"), "api", {
      network,
      description: "The API",
      outbound: "anywhere",
    });
    cache.allowFrom({ securityGroup });
  });
  expect(made.only("aws_vpc_security_group_ingress_rule")).toMatchObject({
    security_group_id: "${aws_security_group.cache_access.id}",
    referenced_security_group_id: "${aws_security_group.api.id}",
    from_port: 6379,
    to_port: 6379,
  });
});

test("its URL is the primary's, with TLS", () => {
  const { only } = redis(
    {},
    (cache) => new Role(cache, "reader", { service: "lambda.amazonaws.com", description: cache.url }),
  );
  expect(only("aws_iam_role")["description"]).toBe(
    "rediss://${aws_elasticache_replication_group.cache.primary_endpoint_address}:6379",
  );
});

test("replicas lie in other zones and one takes over by itself", () => {
  expect(group(production)).toMatchObject({
    num_cache_clusters: 3,
    automatic_failover_enabled: true,
    multi_az_enabled: true,
  });
  expect(group()).toMatchObject({
    num_cache_clusters: 1,
    automatic_failover_enabled: false,
    multi_az_enabled: false,
  });
});

test("a protected cache is neither deleted nor replaced, and leaves a snapshot", () => {
  expect(group(production)).toMatchObject({
    snapshot_retention_limit: 7,
    final_snapshot_identifier: "fb-dev-cache-final-${aws_security_group.cache_access.id}",
    lifecycle: { prevent_destroy: true },
  });
  expect(group()).toMatchObject({ snapshot_retention_limit: 0, lifecycle: { prevent_destroy: false } });
  expect(group()).not.toHaveProperty("final_snapshot_identifier");
});

test("minor versions come by themselves, outside of the snapshot's hour", () => {
  expect(group()).toMatchObject({ engine_version: "7.1", auto_minor_version_upgrade: "true" });
  expectApart(group(), "snapshot_window", "maintenance_window");
});

test("a change takes effect when it is applied", () => {
  expect(group()).toMatchObject({ apply_immediately: true });
});

test("parameters reach the cache's own group", () => {
  const { only, errors } = redis({ parameters: { "maxmemory-policy": "allkeys-lru" } });
  expect(errors).toEqual([]);
  expect(only("aws_elasticache_parameter_group")).toMatchObject({
    family: "redis7",
    parameter: [{ name: "maxmemory-policy", value: "allkeys-lru" }],
    lifecycle: { create_before_destroy: true },
  });
  expect(only("aws_elasticache_replication_group")["parameter_group_name"]).toBe(
    "${aws_elasticache_parameter_group.cache_parameters.name}",
  );
});

test.each(["appendonly", "appendfsync"])("%s is refused with the reason and what to take instead", (name) => {
  expect(redis({ parameters: { [name]: "yes" } }).errors).toEqual([
    expect.stringMatching(
      /^cache: parameters: append\w+: .*none since Redis 2\.8\.22, got "yes"\. .*snapshotDays.*MemoryDB/,
    ),
  ]);
});

test("everything that is wrong is told at once", () => {
  const wrong = { nodeType: "t3.micro", replicas: 6, snapshotDays: -1 };
  expect(redis(wrong).errors).toEqual([
    expect.stringMatching(/^cache: nodeType: expected a type of .* got "t3.micro"\. Take the smallest/),
    expect.stringMatching(/^cache: replicas: expected an integer from 0 to 5, got 6\. /),
    expect.stringMatching(/^cache: snapshotDays: expected an integer from 0 to 35 days, got -1\. /),
  ]);
  expect(redis({ nodeType: undefined, replicas: NaN, snapshotDays: "7" }).errors).toHaveLength(3);
});

test.each(["cache.t2.micro", "cache.t3.large", "cache.m5.micro", "db.t3.micro", "cache.r6gd.xlarge"])(
  "%s is no node type",
  (nodeType) => {
    expect(redis({ nodeType }).errors).toHaveLength(1);
  },
);

test("a long name fits into ElastiCache's 40 characters", () => {
  const made = redis({}, undefined, "a-cache-with-a-name-that-is-much-too-long-for-elasticache");
  const name = String(made.only("aws_elasticache_replication_group")["replication_group_id"]);
  expect(name.length).toBeLessThanOrEqual(40);
  expect(name).toMatch(/^fb-dev-a-cache-with-.*[0-9a-f]{8}$/);
});

function alarms(settings: Settings): AlarmSpec[] {
  let found: AlarmSpec[] = [];
  redis(settings, (cache) => {
    found = cache.alarms();
  });
  return found;
}

test("every node has its own alarms, for a failover makes any of them the primary", () => {
  const nodes = alarms(production).map(({ id, metric }) => [id, metric.dimensions["CacheClusterId"]]);
  expect(nodes).toHaveLength(9);
  expect(nodes).toContainEqual(["memory-001", "fb-dev-cache-001"]);
  expect(nodes).toContainEqual(["evictions-003", "fb-dev-cache-003"]);
  expect(new Set(nodes.map(([id]) => id)).size).toBe(9);
});

test("memory above 80 %, an eviction and a busy engine are worth a warning", () => {
  expect(alarms(dev).map(({ metric, threshold }) => [metric.name, threshold])).toEqual([
    ["DatabaseMemoryUsagePercentage", 80],
    ["Evictions", 0],
    ["EngineCPUUtilization", 80],
  ]);
});

test("every alarm tells the person on call what happened and where to look first", () => {
  for (const { description } of alarms(production)) expect(description).toMatch(/[.:] .*Look first at /);
});

test("a cache works in a bare synthScope", () => {
  const json = Testing.synthScope((scope) => {
    const network = new Network(scope, "network", { cidr: "10.0.0.0/16", zones: 2, nat: "none" });
    new Redis(scope, "cache", { network, ...dev });
  });
  expect(Testing.toHaveResource(json, ElasticacheReplicationGroup.tfResourceType)).toBe(true);
});
