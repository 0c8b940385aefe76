import "cdktf/lib/testing/adapters/jest";
import { RdsCluster } from "@cdktf/provider-aws/lib/rds-cluster";
import { SsmParameter } from "@cdktf/provider-aws/lib/ssm-parameter";
import { Testing } from "cdktf";
import { Network, SecurityGroup } from "../../modules/networking";
import { Aurora, type AuroraProps } from "../../modules/rds";
import { maxConnections } from "../../modules/rds/capacity";
import { inStack } from "../support/module";
import { expectApart } from "../support/windows";

type Settings = Omit<AuroraProps, "network">;

const dev: Settings = {
  capacity: { min: 0.5, max: 2 },
  backupDays: 1,
  protect: false,
  logRetentionDays: 30,
};
const production: Settings = { ...dev, capacity: { min: 1, max: 8 }, readers: 1, backupDays: 35, protect: true };

const aurora = (
  settings: Partial<Record<keyof Settings, unknown>> = {},
  use: (database: Aurora, network: Network) => void = () => undefined,
) =>
  inStack((stack) => {
    const network = new Network(stack, "network", { cidr: "10.0.0.0/16", zones: 2, nat: "none" });
    use(new Aurora(stack, "database", { network, ...dev, ...settings } as AuroraProps), network);
  });

const cluster = (settings?: Partial<Record<keyof Settings, unknown>>) => aurora(settings).only("aws_rds_cluster");

test("an Aurora is serverless, encrypted, and in the isolated subnets", () => {
  const made = aurora();
  expect(made.errors).toEqual([]);
  expect(made.only("aws_rds_cluster")).toMatchObject({
    engine: "aurora-postgresql",
    engine_mode: "provisioned",
    engine_version: "16",
    serverlessv2_scaling_configuration: { min_capacity: 0.5, max_capacity: 2 },
    storage_encrypted: true,
    db_subnet_group_name: "${aws_db_subnet_group.database_subnets.name}",
    vpc_security_group_ids: ["${aws_security_group.database_access.id}"],
  });
  for (const subnet of made.only("aws_db_subnet_group")["subnet_ids"] as string[])
    expect(subnet).toContain("isolated-");
  expect(made.only("aws_rds_cluster_instance")).toMatchObject({
    instance_class: "db.serverless",
    publicly_accessible: false,
    cluster_identifier: "${aws_rds_cluster.database.id}",
  });
  expect(made.all("aws_vpc_security_group_ingress_rule")).toEqual({});
  expect(made.all("aws_vpc_security_group_egress_rule")).toEqual({});
});

test("an Aurora speaks TLS only, in a group that a new major version replaces before the old one goes", () => {
  const group = (engineVersion: string) => aurora({ engineVersion }).only("aws_rds_cluster_parameter_group");
  expect(group("16")).toMatchObject({
    family: "aurora-postgresql16",
    parameter: [{ name: "rds.force_ssl", value: "1" }],
    lifecycle: { create_before_destroy: true },
  });
  expect(group("17")["name"]).not.toBe(group("16")["name"]);
  expect(cluster()["db_cluster_parameter_group_name"]).toBe(
    "${aws_rds_cluster_parameter_group.database_parameters.name}",
  );
});

test("RDS keeps the master's password: Terraform is given none", () => {
  const made = cluster();
  expect(made["manage_master_user_password"]).toBe(true);
  expect(Object.keys(made).filter((name) => /^master_password/.test(name))).toEqual([]);
  aurora({}, (database) => {
    expect(database.masterSecretArn).toMatch(/^\$\{TfToken/);
  });
});

test("readers are in other zones than the writer, come after it, and are as large", () => {
  const instances = Object.values(aurora({ readers: 2 }).all("aws_rds_cluster_instance"));
  expect(instances.map((args) => args["availability_zone"])).toEqual([
    "${aws_subnet.network_isolated-a.availability_zone}",
    "${aws_subnet.network_isolated-b.availability_zone}",
    "${aws_subnet.network_isolated-a.availability_zone}",
  ]);
  expect(instances.map((args) => args["depends_on"])).toEqual([
    undefined,
    ["aws_rds_cluster_instance.database_instance-1"],
    ["aws_rds_cluster_instance.database_instance-1"],
  ]);
  for (const args of instances) expect(args["promotion_tier"]).toBe(1);
  expect(instances.map((args) => args["identifier"])).toEqual([
    "fb-dev-database-instance-1",
    "fb-dev-database-instance-2",
    "fb-dev-database-instance-3",
  ]);
});

test("who uses an endpoint waits until somebody answers there", () => {
  const endpoint = (of: (database: Aurora) => string | undefined) =>
    aurora({ readers: 1 }, (database) => {
      const insecureValue = of(database) ?? "none";
      new SsmParameter(database, "user", { name: "user", type: "String", insecureValue });
    }).only("aws_ssm_parameter")["insecure_value"];
  expect(endpoint((database) => database.endpoint)).toMatch(
    /aws_rds_cluster\.database\.endpoint, aws_rds_cluster_instance\.database_instance-1\.id/,
  );
  expect(endpoint((database) => database.readerEndpoint)).toMatch(
    /aws_rds_cluster\.database\.reader_endpoint, aws_rds_cluster_instance\.database_instance-2\.id/,
  );
  aurora({}, (database) => {
    expect(database.readerEndpoint).toBeUndefined();
  });
});

test("an Aurora pauses only where its smallest capacity is 0", () => {
  const scaling = (settings: Partial<Settings>) => cluster(settings)["serverlessv2_scaling_configuration"];
  expect(scaling({})).toEqual({ min_capacity: 0.5, max_capacity: 2 });
  expect(scaling({ capacity: { min: 0, max: 2 } })).toEqual({
    min_capacity: 0,
    max_capacity: 2,
    seconds_until_auto_pause: 300,
  });
  expect(scaling({ capacity: { min: 0, max: 2 }, autoPauseMinutes: 1440 })).toMatchObject({
    seconds_until_auto_pause: 86_400,
  });
});

test("a protected Aurora is neither deleted nor replaced, and leaves a snapshot and its backups", () => {
  expect(cluster(production)).toMatchObject({
    deletion_protection: true,
    skip_final_snapshot: false,
    final_snapshot_identifier: "fb-dev-database-final-${aws_security_group.database_access.id}",
    delete_automated_backups: false,
    copy_tags_to_snapshot: true,
    backup_retention_period: 35,
    lifecycle: { prevent_destroy: true },
  });
});

test("an unprotected Aurora goes without a trace", () => {
  expect(cluster()).toMatchObject({
    deletion_protection: false,
    skip_final_snapshot: true,
    delete_automated_backups: true,
    lifecycle: { prevent_destroy: false },
  });
  expect(cluster()).not.toHaveProperty("final_snapshot_identifier");
});

test("its log goes to a group of ours, which is there before the cluster is", () => {
  const { only } = aurora({ logRetentionDays: 90 });
  expect(only("aws_cloudwatch_log_group")).toMatchObject({
    name: "/aws/rds/cluster/fb-dev-database/postgresql",
    retention_in_days: 90,
  });
  expect(only("aws_rds_cluster")).toMatchObject({
    enabled_cloudwatch_logs_exports: ["postgresql"],
    depends_on: ["aws_cloudwatch_log_group.database_postgresql-log"],
  });
});

test("a change takes effect when it is applied, and windows do not overlap", () => {
  expect(cluster()).toMatchObject({ apply_immediately: true, allow_major_version_upgrade: true });
  expect(aurora().only("aws_rds_cluster_instance")).toMatchObject({ apply_immediately: true });
  expectApart(cluster(), "preferred_backup_window", "preferred_maintenance_window");
});

test("Performance Insights runs for the days that are free", () => {
  expect(aurora().only("aws_rds_cluster_instance")).toMatchObject({
    performance_insights_enabled: true,
    performance_insights_retention_period: 7,
  });
});

test("only those who are let in may connect, and they can wait for it", () => {
  const made = aurora({}, (database, network) => {
    const scope = database.node.root.node.findChild("dev-stack");
    const description = "The API";
    const securityGroup = new SecurityGroup(scope, "api", { network, description, outbound: "anywhere" });
    expect(database.allowFrom({ securityGroup })).toHaveLength(1);
  });
  expect(made.only("aws_vpc_security_group_ingress_rule")).toMatchObject({
    security_group_id: "${aws_security_group.database_access.id}",
    referenced_security_group_id: "${aws_security_group.api.id}",
    from_port: 5432,
    to_port: 5432,
  });
});

test.each([
  [{ min: 0.25, max: 1 }, "capacity.min"],
  [{ min: -1, max: 1 }, "capacity.min"],
  [{ min: 1, max: 256.5 }, "capacity.max"],
  [{ min: 0, max: 0.5 }, "capacity.max"],
  [{ min: 4, max: 2 }, "capacity"],
  [{ min: "1", max: 2 }, "capacity.min"],
  [{ max: NaN, min: 1 }, "capacity.max"],
])("%j is no capacity", (capacity, setting) => {
  expect(aurora({ capacity }).errors).toEqual([expect.stringMatching(new RegExp(`^database: ${setting}: expected `))]);
});

test("a pause is for an Aurora that may shrink to 0, and lasts as Aurora allows", () => {
  expect(aurora({ autoPauseMinutes: 10 }).errors).toEqual([
    expect.stringMatching(/^database: autoPauseMinutes: expected nothing, unless capacity.min is 0, got 10\./),
  ]);
  expect(aurora({ capacity: { min: 0, max: 1 }, autoPauseMinutes: 4 }).errors).toEqual([
    expect.stringMatching(/^database: autoPauseMinutes: expected an integer from 5 to 1440 minutes, got 4\./),
  ]);
});

test("everything that is wrong is told at once, and nothing is thrown", () => {
  const wrong = { engineVersion: "16.4", capacity: null, readers: 16, backupDays: 0, logRetentionDays: 8 };
  const settings = (errors: string[]) => errors.map((error) => error.replace(/: expected.*/, ""));
  let alarms = 0;
  const { errors } = aurora(wrong, (database) => (alarms = database.alarms().length));
  expect(settings(errors).sort()).toEqual([
    "database: backupDays",
    "database: capacity.max",
    "database: capacity.min",
    "database: engineVersion",
    "database: logRetentionDays",
    "database: readers",
  ]);
  expect(alarms).toBeGreaterThan(0);
  const garbage = { engineVersion: 16, capacity: "2", readers: NaN, backupDays: "7", logRetentionDays: undefined };
  expect(aurora({ ...garbage, autoPauseMinutes: "5" }).errors.length).toBeGreaterThanOrEqual(7);
});

test("the connections of a capacity are those of AWS's table", () => {
  const most = (max: number, min = 1) => maxConnections({ min, max });
  expect([1, 4, 8, 16, 32, 256].map((max) => most(max))).toEqual([189, 823, 1669, 3360, 5000, 5000]);
  expect(most(16, 0.5)).toBe(2000);
});

test("alarms go off before Aurora refuses a connection, cannot grow, or runs out of memory", () => {
  let alarms: Record<string, unknown> = {};
  aurora({ capacity: { min: 1, max: 8 }, readers: 1 }, (database) => {
    alarms = Object.fromEntries(database.alarms().map((alarm) => [alarm.id, alarm]));
  });
  expect(alarms).toMatchObject({
    cpu: { threshold: 80, minutes: 15 },
    capacity: { threshold: 90, metric: { name: "ACUUtilization" } },
    connections: { threshold: 1335, severity: "critical" },
    memory: { when: "below", threshold: Math.floor((16 * 2 ** 30) / 20) },
    "temporary-storage": { when: "below" },
    "replica-lag": { threshold: 1000 },
  });
});

test("every alarm says where to look first, and one writer has no lag", () => {
  aurora({}, (database) => {
    const alarms = database.alarms();
    for (const { description } of alarms) expect(description).toMatch(/Look first at /);
    expect(alarms.map(({ id }) => id)).not.toContain("replica-lag");
  });
});

test("the dashboard shows connections, CPU, queries and capacity", () => {
  aurora({}, (database) => {
    expect(database.graphs().map(({ metrics }) => metrics[0]?.name)).toEqual([
      "DatabaseConnections",
      "CPUUtilization",
      "CommitThroughput",
      "ServerlessDatabaseCapacity",
    ]);
  });
});

test("an Aurora works in a bare synthScope", () => {
  const json = Testing.synthScope((scope) => {
    const network = new Network(scope, "network", { cidr: "10.0.0.0/16", zones: 2, nat: "none" });
    new Aurora(scope, "database", { network, ...dev });
  });
  expect(Testing.toHaveResource(json, RdsCluster.tfResourceType)).toBe(true);
});
