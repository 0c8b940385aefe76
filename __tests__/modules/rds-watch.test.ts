import { type AlarmSpec, type Graph } from "../../modules/monitoring/alarm-spec";
import { Network } from "../../modules/networking";
import { Postgres, type PostgresProps } from "../../modules/rds";
import { maxConnections, memoryOf } from "../../modules/rds/instance-class";
import { inStack } from "../support/module";

const dev: Omit<PostgresProps, "network"> = {
  instanceClass: "db.t4g.micro",
  storage: 20,
  multiAz: false,
  backupDays: 1,
  protect: false,
  logRetentionDays: 7,
};

function watched(settings: Partial<PostgresProps>): { alarms: Record<string, AlarmSpec>; graphs: Graph[] } {
  let alarms: AlarmSpec[] = [];
  let graphs: Graph[] = [];
  inStack((stack) => {
    const network = new Network(stack, "network", { cidr: "10.0.0.0/16", zones: 2, nat: "none" });
    const database = new Postgres(stack, "database", { network, ...dev, ...settings });
    alarms = database.alarms();
    graphs = database.graphs();
  });
  return { alarms: Object.fromEntries(alarms.map((alarm) => [alarm.id, alarm])), graphs };
}

test("alarms go off before the disk is full, and before RDS refuses a connection", () => {
  const { alarms } = watched({ storage: 100, instanceClass: "db.t4g.micro" });
  expect(alarms["storage"]).toMatchObject({ when: "below", threshold: 10 * 2 ** 30, severity: "critical" });
  // LEAST(DBInstanceClassMemory / 9531392, 5000), and RDS keeps a part of the class's 1 GiB (113 by the formula) to itself.
  expect(alarms["connections"]?.threshold).toBeLessThan(81);
  expect(alarms["connections"]?.threshold).toBeGreaterThan(50);
  expect(maxConnections(1024)).toBe(5000);
});

test("less than 5 % of the class's memory free is a warning", () => {
  const { alarms } = watched({ instanceClass: "db.r7g.large" });
  expect(alarms["memory"]).toMatchObject({ when: "below", threshold: Math.floor((16 * 2 ** 30) / 20), minutes: 15 });
});

test("CPU above 80 % for 15 minutes is a warning", () => {
  expect(watched({}).alarms["cpu"]).toMatchObject({ threshold: 80, minutes: 15, severity: "warning" });
});

test("every alarm tells the person on call what happened and where to look first", () => {
  for (const { description } of Object.values(watched({ instanceClass: "db.r7g.large" }).alarms))
    expect(description).toMatch(/\. Look first at /);
});

test("the dashboard shows CPU, connections, storage and latency", () => {
  expect(watched({}).graphs.map(({ metrics }) => metrics.map(({ name }) => name))).toEqual([
    ["CPUUtilization"],
    ["DatabaseConnections"],
    ["FreeStorageSpace"],
    ["ReadLatency", "WriteLatency"],
  ]);
});

test("the memory of a class is AWS's", () => {
  const classes = [
    "t3.micro",
    "t4g.small",
    "t3.medium",
    "t4g.2xlarge",
    "m5.large",
    "m7g.xlarge",
    "r7g.large",
    "r6i.4xlarge",
    "m6gd.16xlarge",
    "r5b.24xlarge",
    "m6idn.32xlarge",
    "r8gd.48xlarge",
  ];
  expect(classes.map((name) => memoryOf(`db.${name}`))).toEqual([1, 2, 4, 32, 8, 16, 16, 128, 256, 768, 512, 1536]);
});
