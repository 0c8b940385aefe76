import { type MetricMath, type Target } from "./scaling";

/** What an alarm on an expression is told. */
export function alarmMetrics({ expression, metrics }: MetricMath) {
  return [
    { id: "value", expression, label: "value", returnData: true },
    ...Object.entries(metrics).map(([id, { namespace, name, dimensions, statistic }]) => ({
      id,
      metric: { namespace, metricName: name, dimensions, stat: statistic, period: 60 },
      returnData: false,
    })),
  ];
}

/** What a target tracking policy is told. */
export function tracked(of: Target["of"]) {
  if (typeof of === "string") return { predefinedMetricSpecification: { predefinedMetricType: of } };
  if ("expression" in of) return { customizedMetricSpecification: { metrics: trackedMetrics(of) } };
  const { loadBalancer, targetGroup } = of.requestsTo;
  return {
    predefinedMetricSpecification: {
      predefinedMetricType: "ALBRequestCountPerTarget",
      resourceLabel: `${loadBalancer}/${targetGroup}`,
    },
  };
}

function trackedMetrics({ expression, metrics }: MetricMath) {
  return [
    { id: "value", expression, label: "value", returnData: true },
    ...Object.entries(metrics).map(([id, { namespace, name, dimensions, statistic }]) => ({
      id,
      metricStat: {
        metric: {
          namespace,
          metricName: name,
          dimensions: Object.entries(dimensions).map(([key, value]) => ({ name: key, value })),
        },
        stat: statistic,
      },
      returnData: false,
    })),
  ];
}
