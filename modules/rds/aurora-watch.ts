import { type AlarmSpec, type Graph, type Metric } from "../monitoring/alarm-spec";
import { type Capacity, maxConnections } from "./capacity";

/** What the alarms of an Aurora are measured by. */
export interface AuroraSize {
  /** The cluster's identifier in RDS. */
  readonly identifier: string;
  readonly capacity: Capacity;
  readonly readers: number;
}

const GIB = 2 ** 30;
/** Memory of a capacity unit. */
const UNIT = 2 * GIB;

/** The alarms of an Aurora PostgreSQL Serverless v2; of several instances the worst one counts. */
export function auroraAlarms({ identifier, capacity, readers }: AuroraSize): AlarmSpec[] {
  const metric = (name: string, statistic: string): Metric => auroraMetric(identifier, name, statistic);
  const most = maxConnections(capacity);
  return [
    {
      id: "cpu",
      severity: "warning",
      description:
        "The database's CPU has been above 80 % of what its largest capacity has for 15 minutes; queries get slow. Look " +
        "first at Database Insights for the statement with the most load (or at pg_stat_activity), then raise capacity.max.",
      metric: metric("CPUUtilization", "Maximum"),
      threshold: 80,
      minutes: 15,
    },
    {
      id: "capacity",
      severity: "warning",
      description:
        `The database has used more than 90 % of its largest capacity, ${String(capacity.max)} units, for 15 minutes: it ` +
        "cannot grow further. Look first at Database Insights for what is new, then raise capacity.max.",
      metric: metric("ACUUtilization", "Maximum"),
      threshold: 90,
      minutes: 15,
    },
    {
      id: "connections",
      severity: "critical",
      description:
        `More than 80 % of the ${String(most)} connections that an Aurora with up to ${String(capacity.max)} units takes; ` +
        "beyond them it refuses new ones. Look first at pg_stat_activity, grouped by session user and state: idle ones mean " +
        "a pool that is too large or leaks.",
      metric: metric("DatabaseConnections", "Maximum"),
      threshold: Math.floor(most * 0.8),
      minutes: 5,
    },
    {
      id: "memory",
      severity: "warning",
      description:
        "Less than 5 % of the memory of the database's largest capacity has been free for 15 minutes; soon it is " +
        "restarted. Look first at the number of connections, then at statements that sort or hash a lot; else raise capacity.max.",
      metric: metric("FreeableMemory", "Minimum"),
      threshold: Math.floor(capacity.max * UNIT * 0.05),
      when: "below",
      minutes: 15,
    },
    {
      id: "temporary-storage",
      severity: "warning",
      description:
        "Less than 1 GiB is free on the disk for sorts and temporary tables of an instance, which grows with the capacity, " +
        "unlike the data's, which is without end. Look first at Database Insights for statements that write temporary files.",
      metric: metric("FreeLocalStorage", "Minimum"),
      threshold: GIB,
      when: "below",
      minutes: 15,
    },
    ...(readers > 0 ? [lag(metric("AuroraReplicaLagMaximum", "Maximum"))] : []),
  ];
}

function lag(metric: Metric): AlarmSpec {
  return {
    id: "replica-lag",
    severity: "warning",
    description:
      "A reader has been more than a second behind the writer for 5 minutes; usually it is 20 ms. Look first at its CPU and " +
      "capacity, then at long queries on it, which hold replication up.",
    metric,
    threshold: 1000,
    minutes: 5,
  };
}

/** The graphs of an Aurora PostgreSQL Serverless v2. */
export function auroraGraphs(identifier: string): Graph[] {
  const metric = (name: string, statistic: string, label?: string): Graph["metrics"][number] => ({
    ...auroraMetric(identifier, name, statistic),
    ...(label && { label }),
  });
  return [
    { title: "Database connections", metrics: [metric("DatabaseConnections", "Maximum")], unit: "Count" },
    { title: "Database CPU", metrics: [metric("CPUUtilization", "Maximum")], unit: "Percent" },
    {
      title: "Database queries",
      metrics: [
        metric("CommitThroughput", "Average", "commits a second"),
        metric("Deadlocks", "Maximum", "deadlocks a second"),
      ],
      unit: "Count/Second",
    },
    { title: "Database capacity", metrics: [metric("ServerlessDatabaseCapacity", "Maximum")], unit: "Capacity units" },
  ];
}

function auroraMetric(identifier: string, name: string, statistic: string): Metric {
  return { namespace: "AWS/RDS", name, dimensions: { DBClusterIdentifier: identifier }, statistic };
}
