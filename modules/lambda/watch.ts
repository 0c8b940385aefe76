import { type AlarmSpec, type Graph, type Metric } from "../monitoring/alarm-spec";

/** What a function that callers wait for is held to, over five minutes. */
export interface Objectives {
  /** Percent of the runs that may fail. */
  readonly errorRate: number;
  /** Milliseconds that the slowest run in a hundred may take. */
  readonly p99: number;
}

/** What the alarms of a function are measured by. */
export interface WatchedFunction {
  readonly name: string;
  readonly logGroup: string;
  /** Seconds. */
  readonly timeout: number;
  readonly objectives: Objectives | undefined;
}

/** The part of its timeout that a run may take before somebody should look. */
const SLOW = 0.8;

export function functionAlarms({ name, logGroup, timeout, objectives }: WatchedFunction): AlarmSpec[] {
  return [
    ...(objectives ? missedObjectives(name, logGroup, objectives) : [anyError(name, logGroup)]),
    {
      id: "throttles",
      description:
        `Runs of ${name} were refused: as many as its reserved concurrency, or the account's quota, were under way. ` +
        "See whether runs take longer than usual; else raise the one that is reached.",
      metric: functionMetric(name, "Throttles", "Sum"),
      threshold: 0,
      minutes: 1,
      severity: "warning",
    },
    {
      id: "slow",
      description:
        `Runs of ${name} take more than ${String(SLOW * 100)} % of its timeout of ${String(timeout)} s, at which ` +
        `they would be broken off. See in ${logGroup} what they wait for.`,
      metric: functionMetric(name, "Duration", "p99"),
      threshold: SLOW * timeout * 1000,
      minutes: 3,
      severity: "warning",
    },
  ];
}

export function functionGraphs({ name, timeout }: WatchedFunction): Graph[] {
  return [
    {
      title: "Runs",
      metrics: [
        { ...functionMetric(name, "Invocations", "Sum"), label: "started" },
        { ...functionMetric(name, "Errors", "Sum"), label: "failed" },
        { ...functionMetric(name, "Throttles", "Sum"), label: "refused" },
      ],
    },
    {
      title: `Duration (timeout ${String(timeout)} s)`,
      metrics: [functionMetric(name, "Duration", "p50"), functionMetric(name, "Duration", "p99")],
      unit: "Milliseconds",
    },
    { title: "At the same time", metrics: [functionMetric(name, "ConcurrentExecutions", "Maximum")] },
  ];
}

/** The metric of all runs, or only of those that an alias gave to one version. */
function functionMetric(
  name: string,
  metric: string,
  statistic: string,
  by: Readonly<Record<string, string>> = {},
): Metric {
  return { namespace: "AWS/Lambda", name: metric, dimensions: { FunctionName: name, ...by }, statistic };
}

function anyError(name: string, logGroup: string): AlarmSpec {
  return {
    id: "errors",
    description: `Runs of ${name} failed or timed out. Read the log group ${logGroup} at that minute.`,
    metric: functionMetric(name, "Errors", "Sum"),
    threshold: 0,
    minutes: 1,
    severity: "warning",
  };
}

/**
 * Lambda counts each run as one data point of Errors, 0 or 1: their average is the error rate.
 * @param by the dimensions of one version
 */
export function missedObjectives(
  name: string,
  logGroup: string,
  { errorRate, p99 }: Objectives,
  by: Readonly<Record<string, string>> = {},
): AlarmSpec[] {
  return [
    {
      id: "error-rate",
      description:
        `More than ${String(errorRate)} % of the runs of ${name} have failed for 5 minutes. Read the errors in the log group ` +
        `${logGroup}; if they came with a release, take it back: npm run rollback.`,
      metric: functionMetric(name, "Errors", "Average", by),
      threshold: errorRate / 100,
      minutes: 5,
      severity: "critical",
    },
    {
      id: "latency",
      description:
        `The slowest runs of ${name} (p99) have taken more than ${String(p99)} ms for 5 minutes. See in ${logGroup} what they ` +
        "wait for: mostly the database, whose row is on the same dashboard.",
      metric: functionMetric(name, "Duration", "p99", by),
      threshold: p99,
      minutes: 5,
      severity: "critical",
    },
  ];
}
