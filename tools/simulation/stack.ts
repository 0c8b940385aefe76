import { type MetricName } from "./cloudwatch";
import { alarmMeasure, trackedMeasure } from "./scaling-metrics";

type Arguments = Readonly<Record<string, unknown>>;

/** The resources of a stack by type and id, as `cdk.tf.json` holds them. */
export interface SynthesizedStack {
  readonly resource?: Readonly<Record<string, Readonly<Record<string, Arguments>>>>;
}

/** A policy of a service, its arguments, and the alarms that run it. */
export interface PolicyModel {
  readonly name: string;
  readonly arguments: Arguments;
  readonly alarms: readonly Arguments[];
}

/** All that a stack says of one service that Application Auto Scaling scales. */
export interface ServiceModel {
  readonly name: string;
  readonly dimensions: MetricName["dimensions"];
  readonly min: number;
  readonly max: number;
  /** CPU units and MB of a task. */
  readonly size: { readonly cpu: number; readonly memory: number; readonly spot: boolean };
  readonly stopTimeout: number;
  readonly policies: readonly PolicyModel[];
  readonly target?: {
    readonly loadBalancer: string;
    readonly targetGroup: string;
    readonly deregistrationDelay: number;
    /** Seconds between two health checks: a new target serves after the first. */
    readonly healthCheckInterval: number;
  };
  readonly queue?: { readonly dimensions: MetricName["dimensions"]; readonly visibilityTimeout: number };
}

/** The services of a stack that scale, by id. */
export function servicesOf(stack: SynthesizedStack): Map<string, ServiceModel> {
  const reader = new StackReader(stack);
  return new Map(
    reader.all("aws_ecs_service").flatMap(([id, service]) => {
      const model = reader.service(service);
      return model ? [[id, model] as const] : [];
    }),
  );
}

class StackReader {
  constructor(private readonly stack: SynthesizedStack) {}

  all(type: string): [string, Arguments][] {
    return Object.entries(this.stack.resource?.[type] ?? {});
  }

  service(service: Arguments): ServiceModel | undefined {
    const name = this.text(service["name"]);
    const scalable = this.all("aws_appautoscaling_target").find(([, { resource_id: id }]) =>
      this.text(id).endsWith(`/${name}`),
    );
    if (!scalable) return undefined;
    const [, target] = scalable;
    const resourceId = this.text(target["resource_id"]);
    const [, cluster = ""] = resourceId.split("/");
    const task = this.referred(service["task_definition"]);
    const providers = (service["capacity_provider_strategy"] ?? []) as Arguments[];
    const policies = this.policies(resourceId);
    return {
      name,
      dimensions: { ClusterName: cluster, ServiceName: name },
      min: this.released(target["min_capacity"]),
      max: this.released(target["max_capacity"]),
      size: {
        cpu: Number(task["cpu"]),
        memory: Number(task["memory"]),
        spot: providers.some(({ capacity_provider: provider }) => provider === "FARGATE_SPOT"),
      },
      stopTimeout: Number(/\\?"stopTimeout\\?" = (\d+)/.exec(String(task["container_definitions"]))?.[1] ?? 30),
      policies,
      ...this.behind(service),
      ...this.reads(policies),
    };
  }

  private policies(resourceId: string): PolicyModel[] {
    return this.all("aws_appautoscaling_policy")
      .filter(([, policy]) => this.text(policy["resource_id"]) === resourceId)
      .map(([id, policy]) => ({
        name: String(policy["name"]),
        arguments: this.resolved(policy) as Arguments,
        alarms: this.all("aws_cloudwatch_metric_alarm")
          .filter(([, { alarm_actions: actions = [] }]) =>
            (actions as string[]).includes(`\${aws_appautoscaling_policy.${id}.arn}`),
          )
          .map(([, alarm]) => this.resolved(alarm) as Arguments),
      }));
  }

  private behind(service: Arguments): Pick<ServiceModel, "target"> {
    const [attached] = (service["load_balancer"] ?? []) as Arguments[];
    if (!attached) return {};
    const arn = attached["target_group_arn"];
    const group = this.referred(arn);
    const forwards =
      (key: string) =>
      ([, args]: [string, Arguments]): boolean =>
        ((args[key] ?? []) as Arguments[]).some(({ target_group_arn: to }) => to === arn);
    const rule = this.all("aws_lb_listener_rule").find(forwards("action"))?.[1];
    const listener = rule
      ? this.referred(rule["listener_arn"])
      : this.all("aws_lb_listener").find(forwards("default_action"))?.[1];
    const check = group["health_check"] as Arguments | undefined;
    return {
      target: {
        loadBalancer: suffix(listener?.["load_balancer_arn"]),
        targetGroup: suffix(arn),
        deregistrationDelay: Number(group["deregistration_delay"] ?? 300),
        healthCheckInterval: Number(check?.["interval"] ?? 30),
      },
    };
  }

  /** The queue that its scaling looks at. */
  private reads(policies: readonly PolicyModel[]): Pick<ServiceModel, "queue"> {
    const measures = policies.flatMap((policy) =>
      [trackedMeasure(policy) ?? [], ...policy.alarms.map(alarmMeasure)].flat(),
    );
    const name = measures
      .flatMap((measure) => ("expression" in measure ? Object.values(measure.metrics) : [measure]))
      .find(({ metric }) => metric.namespace === "AWS/SQS")?.metric.dimensions["QueueName"];
    const queue = this.all("aws_sqs_queue").find(([, args]) => this.text(args["name"]) === name);
    if (name === undefined || !queue) return {};
    const visibilityTimeout = Number(queue[1]["visibility_timeout_seconds"] ?? 30);
    return { queue: { dimensions: { QueueName: name }, visibilityTimeout } };
  }

  private text(value: unknown): string {
    return this.resolved(value) as string;
  }

  /** References to arguments that the stack holds are followed; what only AWS will know stays as it is. */
  private resolved(value: unknown): unknown {
    if (Array.isArray(value)) return value.map((one) => this.resolved(one));
    if (typeof value === "object" && value !== null) {
      return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, this.resolved(one)]));
    }
    if (typeof value !== "string") return value;
    return value.replace(/\$\{(\w+)\.([\w-]+)\.(\w+)\}/g, (reference, type: string, id: string, argument: string) => {
      const found = this.stack.resource?.[type]?.[id]?.[argument];
      return typeof found === "string" ? this.text(found) : reference;
    });
  }

  private referred(reference: unknown): Arguments {
    const [, type = "", id = ""] = /^\$\{(\w+)\.([\w-]+)\.\w+\}$/.exec(String(reference)) ?? [];
    const found = this.stack.resource?.[type]?.[id];
    if (!found) throw new Error(`The stack has no ${String(reference)}`);
    return found;
  }

  /** A value that is 0 until something is released. */
  private released(value: unknown): number {
    const [, after = value] = /^\$\{\(.*\) \? .* : (\d+)\}$/.exec(String(value)) ?? [];
    return Number(after);
  }
}

const suffix = (arn: unknown): string => String(arn).replace(/\.arn\}$/, ".arn_suffix}");
