import { type Scaling } from "./scaling";
import {
  type ServiceMetrics,
  type TargetMetrics,
  loadBalancerMetric,
  runningTasks,
  serviceMetric,
  targetMetric,
} from "./watch";

/** Percent of a service's CPU and memory that scaling keeps its tasks at. */
const CPU = 70;
const MEMORY = 80;
/** Minutes without a request until the last task stops. */
const IDLE = 30;
/** Minutes that a data point may be late; AWS tells no figure. */
const LATE = 2;
/** Seconds from the wish for a task until the metrics show that it answers: until then no second is added for the same callers. */
const SEEN = 600;

/** Scales a service that never sleeps on its CPU and memory. */
export function scaleOnLoad(scaling: Scaling): void {
  scaling.track("cpu", { value: CPU, of: "ECSServiceAverageCPUUtilization" });
  scaling.track("memory", { value: MEMORY, of: "ECSServiceAverageMemoryUtilization" });
}

/**
 * Scales an HTTP service from 0 and back: it wakes on the requests that its load balancer refuses for want of a task,
 * sleeps when there were none for half an hour, and between 1 and `max` follows its CPU and memory.
 */
export function scaleOnRequests(
  scaling: Scaling,
  metrics: Pick<ServiceMetrics, "cluster" | "service"> & TargetMetrics,
): void {
  const { service } = metrics;
  // Counted only when the target group is empty, so never while a task answers.
  const refused = loadBalancerMetric(metrics)("HTTPCode_ELB_503_Count", "Sum");
  const requests = targetMetric(metrics)("RequestCount", "Sum");
  const cpu = serviceMetric(metrics)("CPUUtilization", "Average");
  const memory = serviceMetric(metrics)("MemoryUtilization", "Average");
  const running = runningTasks(metrics);
  const calls = "FILL(requests, 0)";

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
    description: `${service} has used more than ${String(CPU)} % CPU or ${String(MEMORY)} % memory for 3 minutes: adds a task. No fault.`,
    when: {
      metric: {
        expression: `IF((cpu > ${String(CPU)} OR memory > ${String(MEMORY)}) AND ${calls} > 0, 1, 0)`,
        metrics: { cpu, memory, requests },
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
        expression: `IF(running > 1 AND cpu < ${String(CPU / 2)} AND memory < ${String(MEMORY / 2)} AND ${calls} > 0, 1, 0)`,
        metrics: { running, cpu, memory, requests },
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
