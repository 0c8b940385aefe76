import { type Measure, type Statistic } from "./measure";
import { type PolicyModel, type ServiceModel } from "./stack";

type Arguments = Readonly<Record<string, unknown>>;

/** What an alarm looks at. */
export function alarmMeasure(alarm: Arguments): Measure {
  const queries = alarm["metric_query"] as Arguments[] | undefined;
  if (!queries) return statistic(alarm, alarm["dimensions"] as Record<string, string>, String(alarm["statistic"]));
  return mathOver(queries, (query) => {
    const metric = query["metric"] as Arguments;
    return statistic(metric, metric["dimensions"] as Record<string, string>, String(metric["stat"]));
  });
}

const PREDEFINED: Readonly<Record<string, readonly [namespace: string, name: string, statistic: string]>> = {
  ECSServiceAverageCPUUtilization: ["AWS/ECS", "CPUUtilization", "Average"],
  ECSServiceAverageMemoryUtilization: ["AWS/ECS", "MemoryUtilization", "Average"],
  ALBRequestCountPerTarget: ["AWS/ApplicationELB", "RequestCountPerTarget", "Sum"],
};

/** What a target tracking policy looks at, unless AWS knows it by a name. */
export function trackedMeasure({ arguments: args }: PolicyModel): Measure | undefined {
  const tracking = args["target_tracking_scaling_policy_configuration"] as Arguments | undefined;
  const own = tracking?.["customized_metric_specification"] as Arguments | undefined;
  if (!own) return undefined;
  const named = (list: unknown): Record<string, string> =>
    Object.fromEntries(((list ?? []) as { name: string; value: string }[]).map(({ name, value }) => [name, value]));
  const queries = own["metrics"] as Arguments[] | undefined;
  if (!queries) return statistic(own, named(own["dimensions"]), String(own["statistic"]));
  return mathOver(queries, (query) => {
    const stat = query["metric_stat"] as Arguments;
    const metric = stat["metric"] as Arguments;
    return statistic(metric, named(metric["dimensions"]), String(stat["stat"]));
  });
}

/** What a target tracking policy of a service looks at. */
export function measureOf(policy: PolicyModel, service: ServiceModel): Measure {
  const own = trackedMeasure(policy);
  if (own) return own;
  const tracking = policy.arguments["target_tracking_scaling_policy_configuration"] as Arguments;
  const known = tracking["predefined_metric_specification"] as Arguments;
  const predefined = PREDEFINED[String(known["predefined_metric_type"])];
  if (!predefined) throw new Error(`${policy.name}: ${String(known["predefined_metric_type"])} is not simulated`);
  const [namespace, name, stat] = predefined;
  const { loadBalancer, targetGroup } = service.target ?? {};
  const dimensions =
    namespace === "AWS/ECS" ? service.dimensions : { LoadBalancer: loadBalancer ?? "", TargetGroup: targetGroup ?? "" };
  return { metric: { namespace, name, dimensions }, statistic: stat };
}

function statistic(metric: Arguments, dimensions: Record<string, string>, stat: string): Statistic {
  return {
    metric: { namespace: String(metric["namespace"]), name: String(metric["metric_name"]), dimensions },
    statistic: stat,
  };
}

function mathOver(queries: readonly Arguments[], read: (query: Arguments) => Statistic): Measure {
  const expression = queries.find((query) => query["expression"] !== undefined)?.["expression"];
  const metrics = queries.filter((query) => query["expression"] === undefined);
  const [only] = metrics;
  if (expression === undefined && only) return read(only);
  return {
    expression: String(expression),
    metrics: Object.fromEntries(metrics.map((query) => [String(query["id"]), read(query)])),
  };
}
