import { AppautoscalingPolicy } from "@cdktf/provider-aws/lib/appautoscaling-policy";
import { AppautoscalingTarget } from "@cdktf/provider-aws/lib/appautoscaling-target";
import { AppautoscalingScheduledAction } from "@cdktf/provider-aws/lib/appautoscaling-scheduled-action";
import { CloudwatchMetricAlarm } from "@cdktf/provider-aws/lib/cloudwatch-metric-alarm";
import { DataResource, type TerraformResource, type TerraformResourceLifecycle, Token } from "cdktf";
import { Construct } from "constructs";
import { check, checkInteger } from "../checks";
import { type Metric } from "../monitoring/alarm-spec";
import { PRIMARY, pathOf, physicalName } from "../naming";
import { type ImagePointer } from "./image-pointer";
import { alarmMetrics, tracked } from "./metric-math";
import { type ScheduledTasks, type TaskSchedule, checkSchedule, isFree } from "./scheduled-tasks";
import { type TargetMetrics } from "./watch";

/** How many tasks a service may have: the load decides between the two. */
export interface Tasks {
  /** 0 lets it sleep when idle, and then the first message or caller waits for minutes until a task runs: dev only. */
  readonly min: number;
  readonly max: number;
}

export interface ScalingProps {
  readonly cluster: string;
  readonly service: string;
  readonly tasks: Tasks;
  /** Other bounds, from certain times on. @default none */
  readonly schedule?: TaskSchedule;
  /** Nothing runs before there is an image. */
  readonly image: ImagePointer;
  /** Whether something wakes the service when it sleeps: only then may `tasks.min` be 0. */
  readonly wakes: boolean;
}

/** What a target tracking policy keeps at a value, by adding and removing tasks. */
export interface Target {
  readonly value: number;
  /** An average over the service's tasks that AWS knows by name; their requests a minute; or an expression over metrics. */
  readonly of:
    | "ECSServiceAverageCPUUtilization"
    | "ECSServiceAverageMemoryUtilization"
    | { readonly requestsTo: TargetMetrics }
    | MetricMath;
}

/** An expression over metrics, by the names it uses: `{ expression: "a + b", metrics: { a, b } }`. */
export interface MetricMath {
  readonly expression: string;
  readonly metrics: Readonly<Record<string, Metric>>;
}

/** What a step policy does, and when. */
export interface Step {
  readonly description: string;
  readonly when: {
    /** An expression that has no data point where its metrics have none: see `Scaling.step`. */
    readonly metric: MetricMath;
    /** The alarm is on while the metric is above 0 ("some"), or 0 ("none"), */
    readonly is: "some" | "none";
    /** for so many minutes */
    readonly minutes: number;
    /** of so many. @default minutes: in a row */
    readonly within?: number;
  };
  /** "to": the number of tasks; "by": how many more, or fewer. `from` is the value of the metric at which a step begins. */
  readonly scale: "to" | "by";
  readonly steps: readonly { readonly from: number; readonly tasks: number }[];
  /** Seconds until the policy may do the same again, or remove tasks that it added; more is added at once. */
  readonly cooldown: number;
}

/** The quota of tasks in a service. */
const MOST = 5000;
/** ECS's cooldowns: quickly up, slowly down, since a task that is missing hurts more than one too many. */
const UP = 60;
const DOWN = 300;

/**
 * The bounds that a service scales between, 0 and 0 while nothing is released, and its policies. With `tasks.min` of at
 * least 1 these are target tracking only, with 0 step policies only: the two on one service fight, and target
 * tracking never leaves 0, where there is nothing to measure.
 */
export class Scaling extends Construct {
  private readonly address: {
    readonly resourceId: string;
    readonly scalableDimension: string;
    readonly serviceNamespace: string;
  };
  /** What belongs to the target is made anew with it. */
  private readonly part?: TerraformResourceLifecycle;

  constructor(
    scope: Construct,
    id: string,
    private readonly props: ScalingProps,
  ) {
    super(scope, id);
    const { cluster, service, tasks, image, schedule = {} } = props;
    this.checkTasks();
    const target = new AppautoscalingTarget(this, PRIMARY, {
      lifecycle: this.boundsLifecycle(),
      serviceNamespace: "ecs",
      scalableDimension: "ecs:service:DesiredCount",
      resourceId: `service/${cluster}/${service}`,
      minCapacity: image.whenReleased(tasks.min),
      maxCapacity: image.whenReleased(tasks.max),
      tags: { Name: physicalName(this, { max: 255 }) },
    });
    const { resourceId, scalableDimension, serviceNamespace } = target;
    this.address = { resourceId, scalableDimension, serviceNamespace };
    if (Object.keys(schedule).length > 0) this.part = { replaceTriggeredBy: [addressOf(target)] };
    for (const [id, times] of Object.entries(schedule)) if (isFree(id)) this.at(id, times);
  }

  /** Adds a target tracking policy. With several, tasks are added when one asks for it, removed when all do. */
  track(id: string, { value, of }: Target): void {
    new AppautoscalingPolicy(this, id, {
      ...this.address,
      name: physicalName(this, { max: 256, suffix: id }),
      policyType: "TargetTrackingScaling",
      targetTrackingScalingPolicyConfiguration: {
        targetValue: value,
        scaleOutCooldown: UP,
        scaleInCooldown: DOWN,
        ...tracked(of),
      },
      lifecycle: this.part,
    });
  }

  /**
   * Adds a step policy and the alarm that runs it, every minute that the alarm is on. Metrics are published a minute or
   * two late. An alarm looks further back for a data point that is missing; but one that FILL or an addition puts in
   * its place would always be the newest, and the alarm stuck. So what an expression cannot do without must be missing
   * in it when it is missing. And silence is never a reason to scale.
   */
  step(id: string, { description, when, scale, steps, cooldown }: Step): void {
    const { metric, is, minutes, within = minutes } = when;
    const policy = new AppautoscalingPolicy(this, id, {
      ...this.address,
      name: physicalName(this, { max: 256, suffix: id }),
      policyType: "StepScaling",
      stepScalingPolicyConfiguration: {
        adjustmentType: scale === "to" ? "ExactCapacity" : "ChangeInCapacity",
        metricAggregationType: "Maximum",
        cooldown,
        // Bounds count from the alarm's threshold, which is 0: they are values of the metric.
        stepAdjustment: steps.map(({ from, tasks }, index) => ({
          ...bounds(is, from, steps[index + 1]?.from),
          scalingAdjustment: tasks,
        })),
      },
      lifecycle: this.part,
    });
    new CloudwatchMetricAlarm(this, `${id}-alarm`, {
      alarmName: physicalName(this, { max: 255, suffix: `${id}-alarm` }),
      alarmDescription: description,
      metricQuery: alarmMetrics(metric),
      comparisonOperator: is === "some" ? "GreaterThanThreshold" : "LessThanOrEqualToThreshold",
      threshold: 0,
      evaluationPeriods: within,
      datapointsToAlarm: minutes,
      treatMissingData: "notBreaching",
      alarmActions: [policy.arn],
    });
  }

  private at(id: string, { expression, timezone = "UTC", min, max }: ScheduledTasks): void {
    const { image } = this.props;
    new AppautoscalingScheduledAction(this, id, {
      ...this.address,
      name: physicalName(this, { max: 256, suffix: id }),
      schedule: expression,
      timezone,
      scalableTargetAction: {
        minCapacity: Token.asString(image.whenReleased(min)),
        maxCapacity: Token.asString(image.whenReleased(max)),
      },
      lifecycle: this.part,
    });
  }

  /**
   * A schedule changes the bounds in AWS, and a plan at night must not take that back. So they are ignored, and a change
   * of ours (a release, other `tasks`) makes the target anew, with its policies, which AWS deletes with it.
   */
  private boundsLifecycle(): TerraformResourceLifecycle | undefined {
    const { tasks, image, schedule = {} } = this.props;
    if (Object.keys(schedule).length === 0) return undefined;
    const bounds = new DataResource(this, "bounds", {
      input: { min: image.whenReleased(tasks.min), max: image.whenReleased(tasks.max) },
    });
    return { ignoreChanges: ["min_capacity", "max_capacity"], replaceTriggeredBy: [addressOf(bounds)] };
  }

  private checkTasks(): void {
    const { min, max } = this.props.tasks;
    const what = pathOf(this.node.scope as Construct).join("/");
    const lowest = this.props.wakes ? 0 : 1;
    const fix = this.props.wakes ? "0 sleeps when idle, for dev." : "Nothing would wake it from 0.";
    const minOk = checkInteger(this, `${what}: tasks.min`, min, lowest, MOST, fix);
    const maxOk = checkInteger(this, `${what}: tasks.max`, max, 1, MOST, "It is the most that you want to pay for.");
    if (!minOk || !maxOk) return;
    check(this, min <= max, {
      what: `${what}: tasks`,
      got: { min, max },
      expected: "min to be at most max",
      fix: "Lower min or raise max.",
    });
    if (min <= max) checkSchedule(this, what, { min, max }, this.props.schedule ?? {});
  }
}

/** CDKTF would write it as an expression, which Terraform refuses here. */
function addressOf({ terraformResourceType, friendlyUniqueId }: TerraformResource): string {
  return `${terraformResourceType}.${friendlyUniqueId}`;
}

/** The interval of a step; without a lower bound where the alarm goes off at and below its threshold. */
function bounds(is: "some" | "none", from: number, to: number | undefined) {
  if (is === "none") return { metricIntervalUpperBound: "0" };
  return { metricIntervalLowerBound: String(from), ...(to !== undefined && { metricIntervalUpperBound: String(to) }) };
}
