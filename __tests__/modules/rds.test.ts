import "cdktf/lib/testing/adapters/jest";
import { DbInstance } from "@cdktf/provider-aws/lib/db-instance";
import { Testing } from "cdktf";
import { Network, SecurityGroup } from "../../modules/networking";
import { Postgres, type PostgresProps } from "../../modules/rds";
import { memoryOf } from "../../modules/rds/instance-class";
import { inStack } from "../support/module";
import { expectApart } from "../support/windows";

type Settings = Omit<PostgresProps, "network">;

const dev: Settings = {
  instanceClass: "db.t4g.micro",
  storage: 20,
  multiAz: false,
  backupDays: 1,
  protect: false,
  logRetentionDays: 7,
};
const production: Settings = { ...dev, instanceClass: "db.r7g.large", multiAz: true, backupDays: 35, protect: true };

const postgres = (
  settings: Partial<Record<keyof Settings, unknown>> = {},
  use: (database: Postgres, network: Network) => void = () => undefined,
) =>
  inStack((stack) => {
    const network = new Network(stack, "network", { cidr: "10.0.0.0/16", zones: 2, nat: "none" });
    use(new Postgres(stack, "database", { network, ...dev, ...settings } as PostgresProps), network);
  });

const instance = (settings?: Partial<Settings>) => postgres(settings).only("aws_db_instance");

test("a database is encrypted and cannot be reached from outside", () => {
  const made = postgres();
  expect(made.errors).toEqual([]);
  expect(made.only("aws_db_instance")).toMatchObject({
    storage_encrypted: true,
    publicly_accessible: false,
    db_subnet_group_name: "${aws_db_subnet_group.database_subnets.name}",
    vpc_security_group_ids: ["${aws_security_group.database_access.id}"],
  });
  for (const subnet of made.only("aws_db_subnet_group")["subnet_ids"] as string[])
    expect(subnet).toContain("isolated-");
  expect(made.all("aws_vpc_security_group_ingress_rule")).toEqual({});
  expect(made.all("aws_vpc_security_group_egress_rule")).toEqual({});
});

test("a database speaks TLS only", () => {
  const made = postgres();
  expect(made.only("aws_db_parameter_group")["parameter"]).toEqual([
    { name: "rds.force_ssl", value: "1", apply_method: "pending-reboot" },
  ]);
  expect(made.only("aws_db_instance")["parameter_group_name"]).toBe(
    "${aws_db_parameter_group.database_parameters.name}",
  );
});

test("another major version has another parameter group, made before the old one goes", () => {
  const group = (engineVersion: string) => postgres({ engineVersion }).only("aws_db_parameter_group");
  expect(group("16")).toMatchObject({ family: "postgres16", lifecycle: { create_before_destroy: true } });
  expect(group("17")).toMatchObject({ family: "postgres17" });
  expect(group("17")["name"]).not.toBe(group("16")["name"]);
});

test("only those who are let in may connect, on PostgreSQL's port", () => {
  const made = postgres({}, (database, network) => {
    const securityGroup = new SecurityGroup(database.node.root.node.findChild("dev-stack"), "api", {
      network,
      description: "The API",
      outbound: "anywhere",
    });
    database.allowFrom({ securityGroup });
  });
  expect(made.only("aws_vpc_security_group_ingress_rule")).toMatchObject({
    security_group_id: "${aws_security_group.database_access.id}",
    referenced_security_group_id: "${aws_security_group.api.id}",
    from_port: 5432,
    to_port: 5432,
  });
});

test("the password is written, never kept, and the same in the database and in DATABASE_URL", () => {
  const { all, only } = postgres();
  const password = "${ephemeral.aws_secretsmanager_secret_version.database_password_read.secret_string}";
  expect(only("aws_db_instance")).toMatchObject({ username: "app", password_wo: password });
  expect(only("aws_db_instance")).not.toHaveProperty("password");
  expect(all("aws_secretsmanager_secret_version")["database_url_value"]).toMatchObject({
    secret_string_wo: `postgresql://app:${password}@\${aws_db_instance.database.address}:5432/app?sslmode=verify-full`,
  });
});

test("one passwordVersion raises every write-only argument of the login together", () => {
  const { all, only } = postgres({ passwordVersion: 5 });
  const versions = Object.values(all("aws_secretsmanager_secret_version")).map(
    (args) => args["secret_string_wo_version"],
  );
  expect([...versions, only("aws_db_instance")["password_wo_version"]]).toEqual([5, 5, 5]);
});

test("a protected database is neither deleted nor replaced, and leaves a snapshot and its backups", () => {
  const { all, only } = postgres(production);
  expect(only("aws_db_instance")).toMatchObject({
    deletion_protection: true,
    skip_final_snapshot: false,
    // A security group's id comes only once: so does the snapshot's name.
    final_snapshot_identifier: "fb-dev-database-final-${aws_security_group.database_access.id}",
    delete_automated_backups: false,
    copy_tags_to_snapshot: true,
    lifecycle: { prevent_destroy: true },
  });
  for (const secret of Object.values(all("aws_secretsmanager_secret")))
    expect(secret["recovery_window_in_days"]).toBe(30);
});

test("an unprotected database goes without a trace", () => {
  expect(instance()).toMatchObject({
    deletion_protection: false,
    skip_final_snapshot: true,
    delete_automated_backups: true,
    lifecycle: { prevent_destroy: false },
  });
  expect(instance()).not.toHaveProperty("final_snapshot_identifier");
});

test("backups, standby and class are the environment's", () => {
  expect(instance(production)).toMatchObject({
    backup_retention_period: 35,
    multi_az: true,
    instance_class: "db.r7g.large",
  });
});

test("storage grows by itself, to four times its size unless told otherwise", () => {
  expect(instance()).toMatchObject({ storage_type: "gp3", allocated_storage: 20, max_allocated_storage: 80 });
  expect(instance({ maxStorage: 1000 })).toMatchObject({ max_allocated_storage: 1000 });
});

test("minor versions come by themselves and never show in a plan", () => {
  expect(instance()).toMatchObject({ engine_version: "16", auto_minor_version_upgrade: true });
});

test("a change takes effect when it is applied, a higher major version included", () => {
  expect(instance()).toMatchObject({ apply_immediately: true, allow_major_version_upgrade: true });
});

test("backup and maintenance windows do not overlap", () => {
  expectApart(instance(), "backup_window", "maintenance_window");
});

test("its logs go to groups of ours, which are there before the database is", () => {
  const { all, only } = postgres({ logRetentionDays: 90 });
  const groups = all("aws_cloudwatch_log_group");
  expect(Object.values(groups).map((group) => [group["name"], group["retention_in_days"]])).toEqual([
    ["/aws/rds/instance/fb-dev-database/postgresql", 90],
    ["/aws/rds/instance/fb-dev-database/upgrade", 90],
  ]);
  expect(only("aws_db_instance")["depends_on"]).toEqual(
    Object.keys(groups).map((id) => `aws_cloudwatch_log_group.${id}`),
  );
});

test("Performance Insights runs on every class, the smallest included, for the days that are free", () => {
  const insights = { performance_insights_enabled: true, performance_insights_retention_period: 7 };
  expect(instance()).toMatchObject(insights);
  expect(instance(production)).toMatchObject(insights);
});

test.each(
  [
    ["t4g.micro", "db.t2.micro", "db.t3.mega", "db.m5.micro", "db.r7g", "db.x2g.large", "", 7, undefined],
    ["db.m5.3xlarge", "db.m5.0xlarge", "db.r5.99999xlarge", "db.r9zzz.7xlarge", "db.m5b.large", "db.m6g.24xlarge"],
    ["db.m7i.32xlarge", "db.m5.1xlarge", "db.constructor.large", "db.r7g.xxlarge", "db.m6i.48xlarge"],
  ].flat(),
)("%s is no class", (instanceClass) => {
  expect(memoryOf(instanceClass)).toBeUndefined();
  expect(postgres({ instanceClass }).errors).toEqual([
    expect.stringMatching(
      /^database: instanceClass: expected a class of the families .* Take the smallest db.t4g.micro/,
    ),
  ]);
});

test("everything that is wrong is told at once", () => {
  const wrong = {
    engineVersion: "16.4",
    instanceClass: "large",
    storage: 10,
    backupDays: 36,
    logRetentionDays: 8,
    passwordVersion: 0,
  };
  expect(postgres(wrong).errors.map((error) => error.replace(/: expected.*/, ""))).toEqual(
    expect.arrayContaining([
      "database: engineVersion",
      "database: instanceClass",
      "database: storage",
      "database: backupDays",
      "database: logRetentionDays",
      "database/password: version",
    ]),
  );
});

test("values of the wrong type are errors too, not exceptions", () => {
  const wrong = { engineVersion: 16, instanceClass: null, storage: NaN, backupDays: "7", logRetentionDays: undefined };
  expect(postgres(wrong).errors).toHaveLength(5);
});

test("a maximum below the room that RDS needs for one enlargement is an error", () => {
  expect(postgres({ storage: 100, maxStorage: 105 }).errors).toEqual([
    expect.stringMatching(/^database: maxStorage: expected an integer from 110 to 65536 GiB, got 105\./),
  ]);
  expect(postgres({ storage: 100, maxStorage: 110 }).errors).toEqual([]);
});

test("storage that leaves no room for an enlargement is an error that can be followed, and four times it is never too much", () => {
  expect(postgres({ storage: 60_000 }).errors).toEqual([
    expect.stringMatching(/^database: storage: expected an integer from 20 to 59578 GiB, got 60000\. /),
  ]);
  expect(postgres({ storage: 59_578 }).errors).toEqual([]);
  expect(instance({ storage: 20_000 })).toMatchObject({ max_allocated_storage: 65_536 });
});

test("a protected database without backups is an error", () => {
  expect(postgres({ protect: true, backupDays: 0 }).errors).toEqual([
    expect.stringMatching(/^database: backupDays: expected an integer from 1 to 35 days, got 0\./),
  ]);
  expect(postgres({ protect: false, backupDays: 0 }).errors).toEqual([]);
});

test("a database works in a bare synthScope", () => {
  const json = Testing.synthScope((scope) => {
    const network = new Network(scope, "network", { cidr: "10.0.0.0/16", zones: 2, nat: "none" });
    new Postgres(scope, "database", { network, ...dev });
  });
  expect(Testing.toHaveResource(json, DbInstance.tfResourceType)).toBe(true);
});
