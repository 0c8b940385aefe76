import "cdktf/lib/testing/adapters/jest";
import { ElasticacheReplicationGroup } from "@cdktf/provider-aws/lib/elasticache-replication-group";
import { Testing } from "cdktf";
import { Redis, type RedisProps } from "../../modules/elasticache";
import { Role } from "../../modules/iam";
import { type AlarmSpec } from "../../modules/monitoring/alarm-spec";
import { Network, SecurityGroup } from "../../modules/networking";
import { resolved } from "../../stacks/one-pass";
import { inStack, parsed } from "../support/module";
import { expectApart } from "../support/windows";

type Settings = Omit<RedisProps, "network">;

const dev: Settings = {
  authentication: "none",
  nodeType: "cache.t4g.micro",
  replicas: 0,
  snapshotDays: 0,
  durability: "none",
  protect: false,
};
const production: Settings = {
  authentication: "iam",
  nodeType: "cache.r7g.large",
  replicas: 2,
  snapshotDays: 7,
  durability: "replica",
  protect: true,
};

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

test("its URL and address are the primary's, and the URL says TLS", () => {
  const { only } = redis({}, (cache) => described(cache, `${cache.url} ${cache.address} ${cache.name} ${cache.user}`));
  const primary = "${aws_elasticache_replication_group.cache.primary_endpoint_address}:6379";
  expect(only("aws_iam_role")["description"]).toBe(
    `rediss://${primary} ${primary} \${aws_elasticache_replication_group.cache.replication_group_id} default`,
  );
});

test("without authentication there are no users", () => {
  const made = redis();
  expect(made.all("aws_elasticache_user")).toEqual({});
  expect(made.all("aws_elasticache_user_group")).toEqual({});
  expect(group()).not.toHaveProperty("user_group_ids");
});

describe("a cache that asks IAM", () => {
  const iam = { authentication: "iam" } as const;
  const users = redis(iam).all("aws_elasticache_user");

  test("has one user who can sign in, with the token of a role, under one name that is its id too", () => {
    expect(users["cache_user"]).toMatchObject({
      user_id: "fb-dev-cache",
      user_name: "fb-dev-cache",
      engine: "redis",
      authentication_mode: { type: "iam" },
    });
    expect(redis(iam).errors).toEqual([]);
  });

  test("has the default user that AWS wants, switched off, without a key or command", () => {
    expect(users["cache_default-user"]).toMatchObject({
      user_id: "fb-dev-cache-default",
      user_name: "default",
      access_string: "off ~keys* -@all",
      no_password_required: true,
    });
    expect(Object.keys(users)).toHaveLength(2);
  });

  test("lets its user do what queue and cache clients do, on every key, and nothing dangerous but INFO", () => {
    expect(users["cache_user"]).toMatchObject({ access_string: "on ~* &* +@all -@dangerous +info" });
  });

  test("has its users in its own group, over TLS only", () => {
    const made = redis(iam);
    expect(made.only("aws_elasticache_user_group")).toMatchObject({
      user_group_id: "fb-dev-cache",
      engine: "redis",
      user_ids: ["${aws_elasticache_user.cache_default-user.user_id}", "${aws_elasticache_user.cache_user.user_id}"],
    });
    expect(made.only("aws_elasticache_replication_group")).toMatchObject({
      user_group_ids: ["${aws_elasticache_user_group.cache_users.user_group_id}"],
      transit_encryption_enabled: true,
      transit_encryption_mode: "required",
    });
  });

  test("has no password in it", () => {
    const made = redis(iam);
    for (const type of ["aws_elasticache_user", "aws_elasticache_user_group", "aws_elasticache_replication_group"]) {
      expect(JSON.stringify(made.all(type))).not.toMatch(/"(passwords|auth_token)\w*"/);
    }
  });

  test("gets its next users and group before the last ones go, which AWS keeps while they are in use", () => {
    const made = redis(iam);
    const replaced = ["aws_elasticache_user", "aws_elasticache_user_group"].flatMap((it) =>
      Object.values(made.all(it)),
    );
    expect(replaced).toHaveLength(3);
    for (const args of replaced) expect(args).toMatchObject({ lifecycle: { create_before_destroy: true } });
  });

  test("tells the user's name to clients", () => {
    const { only } = redis(iam, (cache) => described(cache, cache.user));
    expect(only("aws_iam_role")["description"]).toBe("${aws_elasticache_user.cache_user.user_name}");
  });

  test("lets roles connect that were granted it: to this cache, as this user, in one policy each", () => {
    const made = redis(iam, (cache) => {
      const roles = ["api", "worker"].map(
        (id) => new Role(cache, id, { service: "ecs-tasks.amazonaws.com", description: id }),
      );
      cache.grantConnect(...roles.map((role) => ({ role })));
    });
    expect(made.errors).toEqual([]);
    const policies = made.all("aws_iam_role_policy");
    expect(Object.keys(policies)).toEqual(["cache_api_cache-connect", "cache_worker_cache-connect"]);
    for (const args of Object.values(policies)) {
      expect(args["name"]).toBe("cache-connect");
      expect(parsed(args, "policy")).toEqual({
        Version: "2012-10-17",
        Statement: [
          {
            Effect: "Allow",
            Action: ["elasticache:Connect"],
            Resource: ["${aws_elasticache_replication_group.cache.arn}", "${aws_elasticache_user.cache_user.arn}"],
          },
        ],
      });
    }
  });

  test("has ids that ElastiCache takes, and that no other cache's are, however long the path", () => {
    const ids = ["a-cache-with-a-name-that-is-much-too-long-for-elasticache", "cache-2", "c"].flatMap((id) => {
      const made = redis(iam, undefined, id);
      const users = Object.values(made.all("aws_elasticache_user"));
      return [...users.map((user) => user["user_id"]), made.only("aws_elasticache_user_group")["user_group_id"]];
    });
    for (const id of ids) {
      expect(id).toMatch(/^[a-z](-?[a-z0-9])*$/);
      expect(String(id).length).toBeLessThanOrEqual(40);
    }
    // A user and a group of users may share theirs.
    expect(new Set(ids).size).toBe(6);
  });

  test("is told apart from one whose default user would have its id", () => {
    const { errors } = inStack((stack) => {
      const network = new Network(stack, "network", { cidr: "10.0.0.0/16", zones: 2, nat: "none" });
      for (const id of ["cache", "cache-default"]) new Redis(stack, id, { network, ...dev, ...iam });
    });
    expect(errors).toEqual([expect.stringContaining('are both aws_elasticache_user "fb-dev-cache-default" in AWS')]);
  });
});

test("a grant on a cache that asks nobody is an error", () => {
  const made = redis({}, (cache) => {
    const role = new Role(cache, "api", { service: "ecs-tasks.amazonaws.com", description: "The API" });
    cache.grantConnect({ role });
  });
  expect(made.errors).toEqual([
    expect.stringMatching(
      /^cache: grantConnect: expected a cache with authentication: "iam", got .*none.*\. Leave the grant/,
    ),
  ]);
  expect(made.all("aws_iam_role_policy")).toEqual({});
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

test.each(["noeviction", "allkeys-lru", "volatile-lfu", "volatile-ttl"])("%s is a maxmemory-policy", (policy) => {
  expect(redis({ parameters: { "maxmemory-policy": policy } }).errors).toEqual([]);
});

test.each(["no-eviction", "allkeys-ttl", "", 5])("%p is no maxmemory-policy", (policy) => {
  expect(redis({ parameters: { "maxmemory-policy": policy } }).errors).toEqual([
    expect.stringMatching(/^cache: parameters: maxmemory-policy: expected noeviction, .*Take noeviction for/),
  ]);
});

test.each(["appendonly", "appendfsync", "aof-use-rdb-preamble"])(
  "%s is refused with the reason and what to take instead",
  (name) => {
    expect(redis({ parameters: { [name]: "yes" } }).errors).toEqual([
      expect.stringMatching(
        /^cache: parameters: a\S+: .*none since Redis 2\.8\.22, got "yes"\. .*snapshotDays.*replica.*MemoryDB/,
      ),
    ]);
  },
);

test.each(["append-only", "appendonly", "aof", "AOF"])(
  "durability %p is refused with the same reason",
  (durability) => {
    expect(redis({ durability }).errors).toEqual([
      expect.stringMatching(/^cache: durability: .*no append-only file since Redis 2\.8\.22, got .*replica.*MemoryDB/),
    ]);
  },
);

test.each([
  ["none", 0, 0],
  ["none", 1, 7],
  ["snapshots", 0, 1],
  ["snapshots", 1, 35],
  ["replica", 1, 0],
  ["replica", 2, 7],
] as const)("%s is kept by %i replicas and snapshots of %i days", (durability, replicas, snapshotDays) => {
  expect(redis({ durability, replicas, snapshotDays }).errors).toEqual([]);
});

test.each([
  [
    "snapshots",
    0,
    0,
    /^cache: durability: snapshots: expected snapshotDays of 1 or more, got "snapshotDays: 0"\. Keep/,
  ],
  ["snapshots", 2, 0, /snapshotDays of 1 or more/],
  ["replica", 0, 35, /^cache: durability: replica: expected 1 replica or more, got "replicas: 0"\. Take a replica/],
] as const)("%s is not kept by %i replicas and snapshots of %i days", (durability, replicas, snapshotDays, error) => {
  expect(redis({ durability, replicas, snapshotDays }).errors).toEqual([expect.stringMatching(error)]);
});

test("durability must be said", () => {
  for (const durability of [undefined, null, 1, "replicas", {}]) {
    expect(redis({ durability }).errors).toEqual([
      expect.stringMatching(
        /^cache: durability: expected "none", "snapshots" or "replica", got .*Say what may be lost/,
      ),
    ]);
  }
});

test.each([undefined, "password", "IAM", true])(
  "authentication %p is an error, and makes no users",
  (authentication) => {
    const made = redis({ authentication });
    expect(made.errors).toEqual([expect.stringMatching(/^cache: authentication: expected "iam" or "none", got /)]);
    expect(made.all("aws_elasticache_user")).toEqual({});
  },
);

test("everything that is wrong is told at once", () => {
  const wrong = { nodeType: "t3.micro", replicas: 6, snapshotDays: -1 };
  expect(redis(wrong).errors).toEqual([
    expect.stringMatching(/^cache: nodeType: expected a type of .* got "t3.micro"\. Take the smallest/),
    expect.stringMatching(/^cache: replicas: expected an integer from 0 to 5, got 6\. /),
    expect.stringMatching(/^cache: snapshotDays: expected an integer from 0 to 35 days, got -1\. /),
  ]);
  expect(redis({ nodeType: undefined, replicas: NaN, snapshotDays: "7" }).errors).toHaveLength(3);
});

test.each(
  [
    ["cache.t2.micro", "cache.t3.large", "cache.m5.micro", "cache.r7.large", "db.t3.micro", "cache.r6gd.xlarge"],
    [
      "cache.m5.3xlarge",
      "cache.r9g.large",
      "cache.r7g.0xlarge",
      "cache.m5.8xlarge",
      "cache.r6g.24xlarge",
      "cache.m5.1xlarge",
    ],
  ].flat(),
)("%s is no node type", (nodeType) => {
  expect(redis({ nodeType }).errors).toHaveLength(1);
});

test.each(
  [
    ["cache.t3.micro", "cache.t3.small", "cache.t4g.medium", "cache.m5.large", "cache.r7g.12xlarge"],
    ["cache.r5.xlarge", "cache.m5.24xlarge", "cache.m6g.8xlarge", "cache.r6g.2xlarge", "cache.m7g.16xlarge"],
  ].flat(),
)("%s is a node type", (nodeType) => {
  expect(redis({ nodeType }).errors).toEqual([]);
});

test("a long name fits into ElastiCache's 40 characters", () => {
  const made = redis({}, undefined, "a-cache-with-a-name-that-is-much-too-long-for-elasticache");
  const name = String(made.only("aws_elasticache_replication_group")["replication_group_id"]);
  expect(name.length).toBeLessThanOrEqual(40);
  expect(name).toMatch(/^fb-dev-a-cache-with-.*[0-9a-f]{8}$/);
});

/** A role that shows a value of the cache's. */
function described(cache: Redis, description: string): Role {
  return new Role(cache, "reader", { service: "lambda.amazonaws.com", description });
}

function alarms(settings: Settings): AlarmSpec[] {
  let found: AlarmSpec[] = [];
  redis(settings, (cache) => {
    found = resolved(cache, cache.alarms()) as AlarmSpec[];
  });
  return found;
}

function graphs(settings: Settings): string[] {
  let found: string[] = [];
  redis(settings, (cache) => {
    found = cache.graphs().map(({ title }) => title);
  });
  return found;
}

const named = (name: string, settings: Settings): AlarmSpec | undefined =>
  alarms(settings).find(({ id }) => id === name);

test("every node has its own alarms, for a failover makes any of them the primary", () => {
  const nodes = alarms(production).map(({ id, metric }) => [id, metric.dimensions["CacheClusterId"]]);
  expect(nodes).toHaveLength(9);
  const group = "${aws_elasticache_replication_group.cache.replication_group_id}";
  expect(nodes).toContainEqual(["memory-001", `${group}-001`]);
  expect(nodes).toContainEqual(["evictions-003", `${group}-003`]);
  expect(new Set(nodes.map(([id]) => id)).size).toBe(9);
});

test("memory above 80 %, an eviction and a busy engine are worth a warning", () => {
  expect(alarms(dev).map(({ metric, threshold }) => [metric.name, threshold])).toEqual([
    ["DatabaseMemoryUsagePercentage", 80],
    ["Evictions", 0],
    ["CPUUtilization", 45],
  ]);
  expect(alarms(dev).map(({ severity }) => severity)).toEqual(["warning", "warning", "warning"]);
});

test("a full cache that forgets nothing refuses all writes, which wakes somebody; it evicts nothing to be told of", () => {
  const queue: Settings = { ...dev, parameters: { "maxmemory-policy": "noeviction" } };
  expect(alarms(queue).map(({ id, severity }) => [id, severity])).toEqual([
    ["memory-001", "critical"],
    ["cpu-001", "warning"],
  ]);
  expect(named("memory-001", queue)?.description).toContain("refuses all writes");
  expect(named("memory-001", dev)?.description).toContain("evicts keys or refuses writes");
  expect([queue, dev].map((it) => graphs(it).includes("Cache evictions"))).toEqual([false, true]);
});

test("a dead node is told of: it sends nothing, and its alarm waits for it to be made", () => {
  for (const settings of [dev, production]) {
    expect(alarms(settings).filter(({ missing }) => missing === "alarm")).toEqual(
      alarms(settings).filter(({ id }) => id.startsWith("memory-")),
    );
  }
  expect(named("memory-001", dev)?.description).toContain("its node has sent nothing");
});

test.each([
  ["cache.t3.micro", "CPUUtilization", 45],
  ["cache.t4g.medium", "CPUUtilization", 45],
  ["cache.m5.large", "CPUUtilization", 45],
  ["cache.r7g.large", "CPUUtilization", 45],
  ["cache.m6g.xlarge", "EngineCPUUtilization", 90],
  ["cache.r7g.12xlarge", "EngineCPUUtilization", 90],
])("on a %s, Redis's one thread is busy at a %s of %i %%, and the graph shows it", (nodeType, name, threshold) => {
  const settings = { ...dev, nodeType };
  expect(named("cpu-001", settings)).toMatchObject({ metric: { name }, threshold });
  expect(named("cpu-001", settings)?.description).toContain(`ore than ${String(threshold)} %`);
  redis(settings, (cache) => {
    expect(cache.graphs()[0]).toMatchObject({ title: "Cache CPU", metrics: [{ name }] });
  });
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
