import { Alarm, type AlarmSettings, type TreatMissingData } from "./alarm";
import { type Assumptions } from "./assumptions";
import { type CloudWatch, MINUTE } from "./cloudwatch";
import { Cooldown } from "./cooldown";
import { type Measure, reader } from "./measure";
import { ScalableTarget } from "./scalable-target";
import { alarmMeasure, measureOf } from "./scaling-metrics";
import { type ScalingPolicy, StepScalingPolicy, TargetTrackingPolicy } from "./scaling-policy";
import { type PolicyModel, type ServiceModel } from "./stack";

type Arguments = Readonly<Record<string, unknown>>;

/** Minutes below until target tracking removes tasks; as its alarms show, and as DynamoDB's guide says. Assumed. */
const TRACKING_LOW = 15;
/** "Usually more than 10 % lower" than the target: https://docs.aws.amazon.com/autoscaling/application/userguide/target-tracking-scaling-policy-overview.html */
const LOW_SHARE = 0.9;
/** ECS's default, in seconds: https://docs.aws.amazon.com/autoscaling/application/APIReference/API_StepScalingPolicyConfiguration.html */
const DEFAULT_COOLDOWN = 300;

/** The scalable target of a service with its policies and their alarms, as they are synthesized. */
export function scalableTarget(
  service: ServiceModel,
  cloudwatch: CloudWatch,
  assumptions: Assumptions,
): ScalableTarget {
  const shared = new Cooldown();
  const policies = service.policies.map((policy): ScalingPolicy => {
    const cooldown = assumptions.cooldownOf === "service" ? shared : new Cooldown();
    return policy.arguments["policy_type"] === "StepScaling"
      ? steps(policy, cooldown, cloudwatch, assumptions)
      : tracking(policy, service, cooldown, cloudwatch, assumptions);
  });
  return new ScalableTarget(service.min, service.max, policies);
}

function steps(policy: PolicyModel, cooldown: Cooldown, cloudwatch: CloudWatch, assumptions: Assumptions) {
  const args = policy.arguments["step_scaling_policy_configuration"] as Arguments;
  if (policy.alarms.length === 0) throw new Error(`${policy.name}: no alarm runs it`);
  const settings = {
    adjustmentType: String(args["adjustment_type"]),
    minAdjustmentMagnitude: Number(args["min_adjustment_magnitude"] ?? 1),
    cooldown: Number(args["cooldown"] ?? DEFAULT_COOLDOWN),
    steps: (args["step_adjustment"] as Arguments[]).map((step) => ({
      lower: Number(step["metric_interval_lower_bound"] ?? -Infinity),
      upper: Number(step["metric_interval_upper_bound"] ?? Infinity),
      adjustment: Number(step["scaling_adjustment"]),
    })),
  };
  const alarms = policy.alarms.map((alarm) => {
    const queries = alarm["metric_query"] as { metric?: Arguments }[] | undefined;
    const period = alarm["period"] ?? queries?.find(({ metric }) => metric)?.metric?.["period"];
    const evaluationPeriods = Number(alarm["evaluation_periods"]);
    const own = {
      name: String(alarm["alarm_name"]),
      comparison: String(alarm["comparison_operator"]),
      threshold: Number(alarm["threshold"]),
      period: Number(period) / MINUTE,
      evaluationPeriods,
      datapointsToAlarm: Number(alarm["datapoints_to_alarm"] ?? evaluationPeriods),
      treatMissingData: (alarm["treat_missing_data"] ?? "missing") as TreatMissingData,
    };
    return alarmOn(alarmMeasure(alarm), own, cloudwatch, assumptions);
  });
  return new StepScalingPolicy(policy.name, settings, alarms, cooldown, assumptions.stepBy);
}

function tracking(
  policy: PolicyModel,
  service: ServiceModel,
  cooldown: Cooldown,
  cloudwatch: CloudWatch,
  assumptions: Assumptions,
) {
  const args = policy.arguments["target_tracking_scaling_policy_configuration"] as Arguments;
  const target = Number(args["target_value"]);
  const settings = {
    target,
    scaleOutCooldown: Number(args["scale_out_cooldown"] ?? DEFAULT_COOLDOWN),
    scaleInCooldown: Number(args["scale_in_cooldown"] ?? DEFAULT_COOLDOWN),
    scalesIn: args["disable_scale_in"] !== true,
  };
  const alarm = (side: string, comparison: string, threshold: number, minutes: number): Alarm =>
    alarmOn(
      measureOf(policy, service),
      {
        name: `TargetTracking-${policy.name}-${side}`,
        comparison,
        threshold,
        period: 1,
        evaluationPeriods: minutes,
        datapointsToAlarm: minutes,
        treatMissingData: "missing",
      },
      cloudwatch,
      assumptions,
    );
  const high = alarm("AlarmHigh", "GreaterThanThreshold", target, assumptions.trackingHigh);
  const low = alarm("AlarmLow", "LessThanThreshold", target * LOW_SHARE, TRACKING_LOW);
  return new TargetTrackingPolicy(policy.name, settings, high, low, cooldown, assumptions.trackingDown);
}

function alarmOn(
  measure: Measure,
  settings: Omit<AlarmSettings, "dataPoint">,
  cloudwatch: CloudWatch,
  { extraDataPoints, fillsEmptySeries }: Assumptions,
): Alarm {
  const range = settings.evaluationPeriods + extraDataPoints;
  const dataPoint = reader(measure, { cloudwatch, period: settings.period, range, fillsEmptySeries });
  return new Alarm({ ...settings, dataPoint }, extraDataPoints);
}
