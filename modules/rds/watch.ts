import { type AlarmSpec, type Graph, type Metric } from "../monitoring/alarm-spec";
import { maxConnections } from "./instance-class";

/** What the alarms of a database are measured by. */
export interface DatabaseSize {
  /** The database's identifier in RDS. */
  readonly identifier: string;
  /** GiB of its instance class. */
  readonly memory: number;
  /** GiB of storage that it starts with. */
  readonly storage: number;
}

const GIB = 2 ** 30;

/** The alarms of a PostgreSQL instance. */
export function databaseAlarms({ identifier, memory, storage }: DatabaseSize): AlarmSpec[] {
  const metric = (name: string, statistic: string): Metric => databaseMetric(identifier, name, statistic);
  const connections = Math.floor(maxConnections(memory) * 0.8);
  return [
    {
      id: "cpu",
      severity: "warning",
      description:
        "The database's CPU has been above 80 % for 15 minutes; queries get slow. Look first at Database Insights for " +
        "the statement with the most load (or at pg_stat_activity), then at whether the class is too small.",
      metric: metric("CPUUtilization", "Average"),
      threshold: 80,
      minutes: 15,
    },
    {
      id: "storage",
      severity: "critical",
      description:
        `Less than 10 % of ${String(storage)} GiB is free, although RDS enlarges the storage by itself: when it is full, ` +
        "the database stops. Look first at the instance's events (the maximum may be reached: raise maxStorage), then at " +
        "which table, or which unused replication slot, grows.",
      metric: metric("FreeStorageSpace", "Minimum"),
      threshold: Math.floor(storage * 0.1 * GIB),
      when: "below",
      minutes: 15,
    },
    {
      id: "connections",
      severity: "critical",
      description:
        `More than ${String(connections)} connections, 80 % of what the instance class takes; beyond that it refuses new ` +
        "ones. Look first at pg_stat_activity, grouped by user and state: idle ones mean a pool that is too large or leaks.",
      metric: metric("DatabaseConnections", "Maximum"),
      threshold: connections,
      minutes: 5,
    },
    {
      id: "memory",
      severity: "warning",
      description:
        "Less than 5 % of the database's memory has been free for 15 minutes; soon it swaps, or is restarted. Look first " +
        "at the number of connections, then at statements that sort or hash a lot; else take a larger class.",
      metric: metric("FreeableMemory", "Minimum"),
      threshold: Math.floor(memory * 0.05 * GIB),
      when: "below",
      minutes: 15,
    },
  ];
}

/** The graphs of a PostgreSQL instance. */
export function databaseGraphs(identifier: string): Graph[] {
  const metric = (name: string, statistic = "Average", label?: string): Graph["metrics"][number] => ({
    ...databaseMetric(identifier, name, statistic),
    ...(label && { label }),
  });
  return [
    { title: "Database CPU", metrics: [metric("CPUUtilization")], unit: "Percent" },
    { title: "Database connections", metrics: [metric("DatabaseConnections", "Maximum")], unit: "Count" },
    { title: "Database storage free", metrics: [metric("FreeStorageSpace", "Minimum")], unit: "Bytes" },
    {
      title: "Database disk latency",
      metrics: [metric("ReadLatency", "Average", "read"), metric("WriteLatency", "Average", "write")],
      unit: "Seconds",
    },
  ];
}

function databaseMetric(identifier: string, name: string, statistic: string): Metric {
  return { namespace: "AWS/RDS", name, dimensions: { DBInstanceIdentifier: identifier }, statistic };
}
