import { type AlarmSpec, type Graph, type Metric } from "../monitoring/alarm-spec";

/** What a service is measured by. */
export interface ServiceMetrics {
  readonly cluster: string;
  readonly service: string;
  /** The fewest tasks that should run. */
  readonly min: number;
  /** The EventBridge rule that matches placement failures. */
  readonly placementRule: string;
  readonly logGroup: string;
}

/** What an HTTP service is measured by, beside. */
export interface TargetMetrics {
  /** The last part of its ARN, "app/fb-dev-load-balancer/50dc6c495c0c9188": how CloudWatch names it. */
  readonly loadBalancer: string;
  /** "targetgroup/fb-dev-api-target-group-1a2b3c4d/73e2d6bc24d8a067". */
  readonly targetGroup: string;
}

const metricOf =
  (namespace: string, dimensions: Metric["dimensions"]) =>
  (name: string, statistic: string): Metric => ({ namespace, name, dimensions, statistic });

/** The metrics that ECS sends for each service, at no cost; none while no task runs. */
export const serviceMetric = ({ cluster, service }: Pick<ServiceMetrics, "cluster" | "service">) =>
  metricOf("AWS/ECS", { ClusterName: cluster, ServiceName: service });

/** The metrics of a load balancer for one of its target groups. */
export const targetMetric = ({ loadBalancer, targetGroup }: TargetMetrics) =>
  metricOf("AWS/ApplicationELB", { LoadBalancer: loadBalancer, TargetGroup: targetGroup });

/** The metrics of a load balancer itself: what it answered without a target. */
export const loadBalancerMetric = ({ loadBalancer }: Pick<TargetMetrics, "loadBalancer">) =>
  metricOf("AWS/ApplicationELB", { LoadBalancer: loadBalancer });

/** How many tasks run: each sends one sample of its CPU a minute (ECS Developer Guide). Needs no Container Insights. */
export const runningTasks = (metrics: Pick<ServiceMetrics, "cluster" | "service">): Metric =>
  serviceMetric(metrics)("CPUUtilization", "SampleCount");

const placementFailures = ({ placementRule }: ServiceMetrics): Metric =>
  metricOf("AWS/Events", { RuleName: placementRule })("TriggeredRules", "Sum");

/** The alarms of every service. */
export function serviceAlarms(metrics: ServiceMetrics): AlarmSpec[] {
  const { service, min, logGroup } = metrics;
  const metric = serviceMetric(metrics);
  const few = min === 1 ? `No task of ${service} has` : `Fewer than ${String(min)} tasks of ${service} have`;
  const tooFew: AlarmSpec = {
    id: "tasks",
    description:
      `${few} run for 10 minutes. Look first at the service's events in ECS ` +
      `(no capacity, image not found, failed health checks), then at ${logGroup}. Before the first release it is always so.`,
    metric: runningTasks(metrics),
    threshold: min,
    when: "below",
    minutes: 10,
    missing: "alarm",
    severity: "critical",
  };
  return [
    ...(min > 0 ? [tooFew] : []),
    {
      id: "placement",
      description:
        `ECS found no capacity for a task of ${service}, and keeps trying. If it lasts, look at the service's events in ECS: ` +
        "on demand, the account may have no vCPUs left (the quota of Fargate L-3032A538: ask AWS for more); Fargate Spot never " +
        "falls back to on-demand, so let the cluster's capacity be on-demand and deploy.",
      metric: placementFailures(metrics),
      threshold: 0,
      minutes: 1,
      severity: "critical",
    },
    {
      id: "cpu",
      description:
        `The tasks of ${service} have used more than 80 % of their CPU for 15 minutes, so scaling did not help. See whether ` +
        "as many run as may (tasks.max), and what they do; else give each more CPU.",
      metric: metric("CPUUtilization", "Average"),
      threshold: 80,
      minutes: 15,
      severity: "warning",
    },
    {
      id: "memory",
      description:
        `A task of ${service} has used more than 85 % of its memory for 10 minutes; at 100 % it is killed. If it only ever ` +
        `grows, look for a leak in what was released last; else give it more memory. ${logGroup} tells of kills.`,
      metric: metric("MemoryUtilization", "Maximum"),
      threshold: 85,
      minutes: 10,
      severity: "warning",
    },
  ];
}

/** The alarms of a service behind a load balancer, beside those of every service. */
export function targetAlarms(metrics: ServiceMetrics & TargetMetrics): AlarmSpec[] {
  const { service, min, logGroup } = metrics;
  const metric = targetMetric(metrics);
  const unanswered: AlarmSpec = {
    id: "unanswered",
    description:
      `The load balancer itself answered more than 10 requests for ${service} with an error within a minute: no ` +
      "task was there, or none answered in time. Look first at the target group's health, then at the service's events in ECS.",
    metric: loadBalancerMetric(metrics)("HTTPCode_ELB_5XX_Count", "Sum"),
    threshold: 10,
    minutes: 1, // A minute without errors sends no data, and would begin the count anew.
    severity: "critical",
  };
  return [
    {
      id: "errors",
      description:
        `${service} answered more than 10 requests with a 5xx within a minute. Look first at ${logGroup}, then at ` +
        "what was released last; its stores' alarms may name the cause.",
      metric: metric("HTTPCode_Target_5XX_Count", "Sum"),
      threshold: 10,
      minutes: 1,
      severity: "critical",
    },
    // A service that sleeps is woken by these very errors.
    ...(min > 0 ? [unanswered] : []),
    {
      id: "unhealthy",
      description: `A task of ${service} has failed its health check for 5 minutes, and ECS's replacements too. Look first at ${logGroup}.`,
      metric: metric("UnHealthyHostCount", "Maximum"),
      threshold: 0,
      minutes: 5,
      severity: "warning",
    },
    {
      id: "slow",
      description:
        `One in a hundred requests to ${service} has taken more than 2 seconds, for 10 minutes. Look first at its CPU, then ` +
        "at the load and the slow statements of its database.",
      metric: metric("TargetResponseTime", "p99"),
      threshold: 2,
      minutes: 10,
      severity: "warning",
    },
  ];
}

/** The graphs of every service. */
export function serviceGraphs(metrics: ServiceMetrics): Graph[] {
  const metric = serviceMetric(metrics);
  return [
    {
      title: "CPU and memory",
      metrics: [
        { ...metric("CPUUtilization", "Average"), label: "CPU" },
        { ...metric("MemoryUtilization", "Average"), label: "memory" },
      ],
      unit: "Percent",
    },
    {
      title: "Tasks",
      metrics: [
        { ...runningTasks(metrics), label: "running" },
        { ...placementFailures(metrics), label: "found no capacity" },
      ],
      unit: "Count",
    },
  ];
}

/** The graphs of a service behind a load balancer, before those of every service. */
export function targetGraphs(metrics: TargetMetrics): Graph[] {
  const metric = targetMetric(metrics);
  return [
    {
      title: "Requests a minute",
      metrics: [
        { ...metric("RequestCount", "Sum"), label: "all" },
        { ...metric("HTTPCode_Target_5XX_Count", "Sum"), label: "5xx" },
        { ...loadBalancerMetric(metrics)("HTTPCode_ELB_5XX_Count", "Sum"), label: "5xx by the load balancer" },
      ],
      unit: "Count",
    },
    {
      title: "Response time",
      metrics: [metric("TargetResponseTime", "p50"), metric("TargetResponseTime", "p99")],
      unit: "Seconds",
    },
  ];
}
