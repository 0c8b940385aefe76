import { SchedulerSchedule } from "@cdktf/provider-aws/lib/scheduler-schedule";
import { SchedulerScheduleGroup } from "@cdktf/provider-aws/lib/scheduler-schedule-group";
import { Construct } from "constructs";
import { checkInteger } from "../checks";
import { Role } from "../iam";
import { type Function } from "../lambda";
import { type AlarmSpec, type Graph, type Metric, type Monitored } from "../monitoring/alarm-spec";
import { PRIMARY, pathOf, physicalName } from "../naming";
import { DeadLetterQueue } from "../sqs";
import { checkTiming } from "./timing";

export interface ScheduleProps {
  /** "rate(5 minutes)", "cron(0 6 ? * MON-FRI *)" or "at(2030-01-31T12:00:00)". */
  readonly expression: string;
  readonly target: Function;
  /** The IANA time zone that cron() and at() mean: "Europe/Berlin". @default "UTC" */
  readonly timezone?: string;
  /** Starts no run until it is taken away. @default false */
  readonly paused?: boolean;
  /**
   * How often a run that could not be started is tried again, 0 to 185, and for how many seconds, 60 to 86400.
   * @default until the next run is due: an hour with cron() and at()
   */
  readonly retry?: { readonly attempts: number; readonly maxAge: number };
  /**
   * Whether a run that could not be started is kept, in a dead-letter queue of its own, for somebody to make up for it.
   * What runs often catches up by itself. @default false
   */
  readonly keepsDropped?: boolean;
}

/** Alarms look back a day at most: 1440 data points of a minute. */
const LONGEST_WATCH = 1440;

/**
 * Runs a function on time, under a role that may do just that. A run that cannot be started is tried again until the
 * next one is due (an hour, with cron() and at()), then dropped, or kept for somebody to look at.
 */
export class Schedule extends Construct implements Monitored {
  private readonly name: string;
  private readonly group: string;
  private readonly target: Function;
  private readonly paused: boolean;
  /** Minutes from run to run; undefined where runs are not evenly spaced. */
  private readonly interval?: number;
  private readonly dropped?: DeadLetterQueue;

  constructor(scope: Construct, id: string, props: ScheduleProps) {
    super(scope, id);
    const { expression, target, timezone = "UTC", paused = false, keepsDropped = false } = props;
    this.target = target;
    this.paused = paused;
    this.name = physicalName(this, { max: 64 });
    this.group = physicalName(this, { max: 64, suffix: "group" });
    this.interval = checkTiming(this, pathOf(this).join("/"), expression, timezone)?.minutes;

    const role = new Role(this, "role", { service: "scheduler.amazonaws.com", description: `Runs ${target.name}` });
    const invoke = role.allow(`${pathOf(target).join("-")}-invoke`, {
      actions: ["lambda:InvokeFunction"],
      resources: [target.arn],
    });
    const { attempts, maxAge } = props.retry ?? { attempts: 185, maxAge: untilTheNext(this.interval) };
    this.checkRetry(attempts, maxAge);
    if (keepsDropped) {
      this.dropped = new DeadLetterQueue(this, "dropped");
      this.dropped.grantSend({ role });
    }
    // Only a group has metrics and tags of its own.
    const group = new SchedulerScheduleGroup(this, "group", { name: this.group });
    new SchedulerSchedule(this, PRIMARY, {
      name: this.name,
      groupName: group.name,
      scheduleExpression: expression,
      scheduleExpressionTimezone: timezone,
      state: paused ? "DISABLED" : "ENABLED",
      flexibleTimeWindow: { mode: "OFF" },
      target: {
        arn: target.arn,
        roleArn: role.arn,
        retryPolicy: { maximumEventAgeInSeconds: maxAge, maximumRetryAttempts: attempts },
        ...(this.dropped && { deadLetterConfig: { arn: this.dropped.arn } }),
      },
      dependsOn: [invoke],
    });
  }

  /**
   * Silence is the failure that no other alarm hears. A run a minute or more apart leaves minutes without data, which
   * count as silent, so it takes three intervals in a row; what runs less often than every 8 hours, or by cron() or
   * at(), is left to the function's own alarms.
   */
  alarms(): AlarmSpec[] {
    const minutes = Math.max(5, 3 * (this.interval ?? LONGEST_WATCH));
    const silent = this.paused || minutes > LONGEST_WATCH ? [] : [this.silence(minutes)];
    return [...silent, ...(this.dropped ? [this.drops(this.dropped)] : [])];
  }

  graphs(): Graph[] {
    return [
      {
        title: "Starts",
        metrics: [
          { ...this.metric("InvocationAttemptCount"), label: "tried" },
          { ...this.metric("TargetErrorCount"), label: "failed" },
          { ...this.metric("InvocationDroppedCount"), label: "dropped" },
        ],
      },
    ];
  }

  private silence(minutes: number): AlarmSpec {
    return {
      id: "silent",
      description:
        `No run of ${this.target.name} has succeeded for ${String(minutes)} minutes. If its metrics show runs, read ` +
        `its log; if there are none, see whether the schedule ${this.name} is enabled.`,
      // 0 as soon as one run of the minute succeeded.
      metric: {
        namespace: "AWS/Lambda",
        name: "Errors",
        dimensions: { FunctionName: this.target.name },
        statistic: "Minimum",
      },
      threshold: 0,
      minutes,
      missing: "alarm",
      severity: "critical",
    };
  }

  private drops({ name }: DeadLetterQueue): AlarmSpec {
    return {
      id: "dropped",
      description:
        `Runs of ${this.target.name} could not be started and are now in ${name}, each with its reason (ERROR_MESSAGE). Mend ` +
        "that, and make up for them: aws lambda invoke.",
      metric: {
        namespace: "AWS/SQS",
        name: "ApproximateNumberOfMessagesVisible",
        dimensions: { QueueName: name },
        statistic: "Maximum",
      },
      threshold: 0,
      minutes: 1,
      severity: "critical",
    };
  }

  private metric(name: string): Metric {
    const dimensions = { ScheduleGroup: this.group };
    return { namespace: "AWS/Scheduler", name, dimensions, statistic: "Sum" };
  }

  private checkRetry(attempts: unknown, maxAge: unknown): void {
    const what = (setting: string): string => `${pathOf(this).join("/")}: retry.${setting}`;
    const limits = "These are the limits of EventBridge Scheduler.";
    checkInteger(this, what("attempts"), attempts, 0, 185, limits);
    checkInteger(this, what("maxAge"), maxAge, 60, 86_400, limits, "seconds");
  }
}

/** Seconds, within Scheduler's limits: 60 to 86400. */
function untilTheNext(interval = 60): number {
  return Math.min(Math.max(interval * 60, 60), 86_400);
}
