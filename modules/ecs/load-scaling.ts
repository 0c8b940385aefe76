import { type Scaling } from "./scaling";
import { type ServiceMetrics, type TargetMetrics, loadBalancerMetric, serviceMetric, targetMetric } from "./watch";

/** Percent of a service's CPU and memory that scaling keeps its tasks at. */
const CPU = 70;
const MEMORY = 80;
/** Minutes without a request until the last task stops. */
const IDLE = 30;

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
  const healthy = targetMetric(metrics)("HealthyHostCount", "Minimum");

  scaling.step("awake", {
    description: `A caller found ${service} asleep: starts its first task, which takes a minute or two. No fault.`,
    when: { metric: { expression: "FILL(refused, 0)", metrics: { refused } }, is: "some", minutes: 1 },
    scale: "to",
    steps: [{ from: 0, tasks: 1 }],
    cooldown: 60,
  });
  scaling.step("asleep", {
    description: `${service} has had no request for ${String(IDLE)} minutes: stops all tasks. No fault.`,
    // Refused requests are none of the target group's: without them the first caller would be put off for ever.
    when: {
      metric: { expression: "FILL(requests, 0) + FILL(refused, 0)", metrics: { requests, refused } },
      is: "none",
      minutes: IDLE,
    },
    scale: "to",
    steps: [{ from: 0, tasks: 0 }],
    cooldown: 60,
  });
  scaling.step("busy", {
    description: `${service} has used more than ${String(CPU)} % CPU or ${String(MEMORY)} % memory for 3 minutes: adds a task. No fault.`,
    when: {
      metric: {
        expression: `IF(cpu > ${String(CPU)} OR memory > ${String(MEMORY)}, 1, 0)`,
        metrics: { cpu, memory },
      },
      is: "some",
      minutes: 3,
    },
    scale: "by",
    steps: [{ from: 0, tasks: 1 }],
    cooldown: 180,
  });
  scaling.step("calm", {
    description: `${service} has used less than half of what it may for 15 minutes: stops a task, but never the last. No fault.`,
    when: {
      // The load balancer's count keeps it from taking the last task, which only "asleep" may do.
      metric: {
        expression: `IF(healthy > 1 AND cpu < ${String(CPU / 2)} AND memory < ${String(MEMORY / 2)}, 1, 0)`,
        metrics: { healthy, cpu, memory },
      },
      is: "some",
      minutes: 15,
    },
    scale: "by",
    steps: [{ from: 0, tasks: -1 }],
    cooldown: 300,
  });
}
