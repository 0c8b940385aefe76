import { type Construct } from "constructs";
import { checkInteger } from "../checks";
import { type Metric } from "../monitoring/alarm-spec";
import { type Scaling } from "./scaling";
import {
  type ServiceMetrics,
  type TargetMetrics,
  loadBalancerMetric,
  runningTasks,
  serviceMetric,
  targetMetric,
} from "./watch";

/** What scaling keeps the tasks of an HTTP service at. */
export interface HttpLoad {
  /** Percent of its CPU that a task uses on average, 10 to 90. @default 70 */
  readonly cpu?: number;
  /** Percent of its memory that a task uses on average, 10 to 90. @default 80 */
  readonly memory?: number;
  /** Requests a minute that each task gets, 1 to 1000000. @default they do not count */
  readonly requestsPerTarget?: number;
}

const DEFAULTS = { cpu: 70, memory: 80 };
/** Minutes without a request until the last task stops. */
const IDLE = 30;
/** Minutes that a data point may be late; AWS tells no figure. */
const LATE = 2;
/** Seconds from the wish for a task until the metrics show that it answers: until then no second is added for the same callers. */
const SEEN = 600;

/** `check` that each figure can be reached and exceeded. */
export function checkLoad(scope: Construct, service: string, { cpu, memory, requestsPerTarget }: HttpLoad): void {
  const percent = "Below 10 tasks are added for nothing, above 90 too late.";
  for (const [name, value] of Object.entries({ cpu, memory })) {
    if (value !== undefined) checkInteger(scope, `${service}: scaleOn.${name}`, value, 10, 90, percent, "percent");
  }
  if (requestsPerTarget === undefined) return;
  const fix = "Measure what one task answers in a minute, and take two thirds.";
  checkInteger(
    scope,
    `${service}: scaleOn.requestsPerTarget`,
    requestsPerTarget,
    1,
    1_000_000,
    fix,
    "requests a minute",
  );
}

/** Scales a service that never sleeps on its CPU and memory and, with `requestsPerTarget`, on its requests. */
export function scaleOnLoad(scaling: Scaling, load: HttpLoad = {}, target?: TargetMetrics): void {
  const { cpu = DEFAULTS.cpu, memory = DEFAULTS.memory, requestsPerTarget } = load;
  scaling.track("cpu", { value: cpu, of: "ECSServiceAverageCPUUtilization" });
  scaling.track("memory", { value: memory, of: "ECSServiceAverageMemoryUtilization" });
  if (requestsPerTarget === undefined || target === undefined) return;
  scaling.track("requests", { value: requestsPerTarget, of: { requestsTo: target } });
}

/**
 * Scales an HTTP service from 0 and back: it wakes on the requests that its load balancer refuses for want of a task,
 * sleeps when there were none for half an hour, and between 1 and `max` follows its CPU and memory.
 */
export function scaleOnRequests(
  scaling: Scaling,
  metrics: Pick<ServiceMetrics, "cluster" | "service"> & TargetMetrics,
  load: HttpLoad = {},
): void {
  const limits = { cpu: load.cpu ?? DEFAULTS.cpu, memory: load.memory ?? DEFAULTS.memory };
  const { service } = metrics;
  // Counted only when the target group is empty, so never while a task answers.
  const refused = loadBalancerMetric(metrics)("HTTPCode_ELB_503_Count", "Sum");
  const requests = targetMetric(metrics)("RequestCount", "Sum");
  const cpu = serviceMetric(metrics)("CPUUtilization", "Average");
  const memory = serviceMetric(metrics)("MemoryUtilization", "Average");
  const running = runningTasks(metrics);
  const calls = "FILL(requests, 0)";
  // RequestCountPerTarget has no data point either while nobody calls.
  const { requestsPerTarget: most } = load;
  const each: Readonly<Record<string, Metric>> =
    most === undefined ? {} : { each: targetMetric(metrics)("RequestCountPerTarget", "Sum") };
  const tooMany = most === undefined ? "" : ` OR FILL(each, 0) > ${String(most)}`;
  const few = most === undefined ? "" : ` AND FILL(each, 0) < ${String(most / 2)}`;

  scaling.step("awake", {
    description: `A caller found ${service} asleep: starts its first task, which takes a minute or two. No fault.`,
    when: {
      metric: { expression: "IF(refused > 0, refused)", metrics: { refused } },
      is: "some",
      minutes: 1,
      within: 1 + LATE,
    },
    scale: "by", // It only adds: "to" would take a second task away that "busy" has just added.
    steps: [{ from: 0, tasks: 1 }],
    cooldown: SEEN,
  });
  scaling.step("asleep", {
    description: `${service} has had no request for ${String(IDLE)} minutes: stops all tasks. No fault.`,
    // Only when a task runs: one that was started by hand has the same time. But a caller counts without one, else what
    // was measured before the last sleep would put to sleep again what has just been woken.
    when: {
      metric: {
        expression: `IF(FILL(running, 0) > 0, ${calls} + FILL(refused, 0), IF(refused > 0, refused))`,
        metrics: { requests, refused, running },
      },
      is: "none",
      minutes: IDLE,
    },
    scale: "to",
    steps: [{ from: 0, tasks: 0 }],
    cooldown: 60,
  });
  // Both need callers, so neither is on when "asleep" is: what tasks used until they stopped is seen for minutes after it.
  scaling.step("busy", {
    description: `${service} has used more than ${String(limits.cpu)} % CPU or ${String(limits.memory)} % memory${most === undefined ? "" : `, or had more than ${String(most)} requests for each task,`} for 3 minutes: adds a task. No fault.`,
    when: {
      metric: {
        expression: `IF((cpu > ${String(limits.cpu)} OR memory > ${String(limits.memory)}${tooMany}) AND ${calls} > 0, 1, 0)`,
        metrics: { cpu, memory, requests, ...each },
      },
      is: "some",
      minutes: 3,
      within: 3 + LATE,
    },
    scale: "by",
    steps: [{ from: 0, tasks: 1 }],
    cooldown: 300,
  });
  scaling.step("calm", {
    description:
      `${service} has had calls and used less than half of what it may for 15 minutes: stops a task, but never the last. ` +
      "No fault.",
    when: {
      // The count keeps it from taking the last task, which only "asleep" may do. It is late: a task that stops is still
      // counted for minutes, and all that time nothing more is removed.
      metric: {
        expression: `IF(running > 1 AND cpu < ${String(limits.cpu / 2)} AND memory < ${String(limits.memory / 2)}${few} AND ${calls} > 0, 1, 0)`,
        metrics: { running, cpu, memory, requests, ...each },
      },
      is: "some",
      minutes: 15,
      within: 15 + LATE,
    },
    scale: "by",
    steps: [{ from: 0, tasks: -1 }],
    cooldown: SEEN,
  });
}
