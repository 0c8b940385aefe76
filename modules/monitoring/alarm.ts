import { CloudwatchMetricAlarm } from "@cdktf/provider-aws/lib/cloudwatch-metric-alarm";
import { Construct } from "constructs";
import { checkInteger } from "../checks";
import { PRIMARY, pathOf, physicalName } from "../naming";
import { type AlarmSpec } from "./alarm-spec";

export interface AlarmProps {
  /** What is watched: the alarm is named after it. */
  readonly of: Construct;
  readonly spec: AlarmSpec;
  /** The topic that is told when the alarm goes off, and when all is well again. @default nobody: something else asks for its state */
  readonly topicArn?: string;
}

/** Minutes: CloudWatch looks back a day at most. */
const LONGEST = 1440;

/**
 * A CloudWatch alarm, about $0.10 a month. Address and name are those of what is watched: `flows_backlog` and
 * `fb-production-flows-backlog`, although it stands under `Monitoring`, where no id of a resource of `flows` is in its way.
 */
export class Alarm extends Construct {
  readonly name: string;
  readonly arn: string;

  constructor(scope: Construct, id: string, { of, spec, topicArn }: AlarmProps) {
    super(scope, id);
    const { namespace, name, dimensions, statistic } = spec.metric;
    const { every = 1 } = spec;
    const fix = "CloudWatch looks back a day at most.";
    checkInteger(this, `${pathOf(of).join("/")}: ${spec.id}: minutes`, spec.minutes, 1, LONGEST, fix);
    const alarm = new CloudwatchMetricAlarm(this, PRIMARY, {
      alarmName: physicalName(of, { max: 255, suffix: spec.id }),
      alarmDescription: spec.description,
      namespace,
      metricName: name,
      dimensions,
      ...(/^p\d/.test(statistic) ? { extendedStatistic: statistic } : { statistic }),
      period: every * 60,
      evaluationPeriods: Math.ceil(spec.minutes / every),
      comparisonOperator: spec.when === "below" ? "LessThanThreshold" : "GreaterThanThreshold",
      threshold: spec.threshold,
      treatMissingData: spec.missing === "alarm" ? "breaching" : "notBreaching",
      ...(topicArn !== undefined && { alarmActions: [topicArn], okActions: [topicArn] }),
    });
    alarm.overrideLogicalId([...pathOf(of), spec.id].join("_"));
    this.name = alarm.alarmName;
    this.arn = alarm.arn;
  }
}
