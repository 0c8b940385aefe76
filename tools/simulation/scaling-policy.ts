import { type Alarm } from "./alarm";
import { type Assumptions } from "./assumptions";
import { type Cooldown } from "./cooldown";

/** What a policy wants of the capacity at one minute; undefined when it wants nothing. */
export interface ScalingPolicy {
  readonly name: string;
  readonly kind: "StepScaling" | "TargetTrackingScaling";
  readonly cooldown: Cooldown;
  /** Called once a minute. @param capacity the desired count */
  wants(capacity: number, now: number): number | undefined;
  /** Seconds until it may do the same again. */
  cooldownAfter(direction: "out" | "in"): number;
}

interface StepAdjustment {
  readonly lower: number;
  readonly upper: number;
  readonly adjustment: number;
}

export interface StepSettings {
  readonly adjustmentType: string;
  readonly minAdjustmentMagnitude: number;
  readonly cooldown: number;
  readonly steps: readonly StepAdjustment[];
}

/**
 * Does what its step says, in every minute that its alarm is on: for scaling, CloudWatch repeats an alarm's action once
 * a minute (https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/AlarmThatSendsEmail.html).
 * https://docs.aws.amazon.com/autoscaling/application/userguide/step-scaling-policy-overview.html
 */
export class StepScalingPolicy implements ScalingPolicy {
  readonly kind = "StepScaling";

  constructor(
    readonly name: string,
    private readonly settings: StepSettings,
    private readonly alarms: readonly Alarm[],
    readonly cooldown: Cooldown,
    private readonly by: Assumptions["stepBy"],
  ) {}

  wants(capacity: number, now: number): number | undefined {
    for (const alarm of this.alarms) {
      if (alarm.evaluate(now) !== "ALARM") continue;
      const step = this.step(alarm);
      // A value between two steps, or outside of all, changes nothing.
      if (step) return this.adjusted(capacity, step.adjustment, now);
    }
    return undefined;
  }

  cooldownAfter(): number {
    return this.settings.cooldown;
  }

  /** Its bounds count from the threshold; the one towards it belongs to a step ("Step adjustments"). */
  private step({ evaluated, settings: { threshold, comparison } }: Alarm): StepAdjustment | undefined {
    const value = this.by === "latest" ? evaluated[0] : Math.max(...evaluated);
    // Where all that there is are filled data points there is no value: as if it stood at the threshold.
    const distance = value === undefined || value === -Infinity ? 0 : value - threshold;
    const upwards = comparison.startsWith("Greater");
    return this.settings.steps.find(({ lower, upper }) =>
      upwards ? distance >= lower && distance < upper : distance > lower && distance <= upper,
    );
  }

  private adjusted(capacity: number, adjustment: number, now: number): number {
    const { adjustmentType, minAdjustmentMagnitude } = this.settings;
    // What a cooldown counts in is what was added, so it matters to additions only.
    const base = adjustment > 0 ? this.cooldown.base(capacity, now) : capacity;
    switch (adjustmentType) {
      case "ExactCapacity":
        return adjustment;
      case "ChangeInCapacity":
        return notBelow(base + adjustment, capacity, adjustment);
      case "PercentChangeInCapacity": {
        // Rounded away from zero below 1, towards zero above ("Scaling adjustment types").
        const change = (base * adjustment) / 100;
        const rounded = Math.abs(change) < 1 ? Math.sign(change) : Math.trunc(change);
        const magnitude = Math.max(Math.abs(rounded), minAdjustmentMagnitude);
        return notBelow(base + Math.sign(adjustment) * magnitude, capacity, adjustment);
      }
      default:
        throw new Error(`${this.name}: ${adjustmentType} is not simulated`);
    }
  }
}

/** An addition that a cooldown has taken up already removes nothing. */
function notBelow(wanted: number, capacity: number, adjustment: number): number {
  return adjustment > 0 ? Math.max(wanted, capacity) : wanted;
}

export interface TrackingSettings {
  readonly target: number;
  readonly scaleOutCooldown: number;
  readonly scaleInCooldown: number;
  readonly scalesIn: boolean;
}

/**
 * Keeps a metric at its target, by two alarms that AWS makes: in proportion upwards, more gradually downwards, and
 * nothing while data is missing.
 * https://docs.aws.amazon.com/autoscaling/application/userguide/target-tracking-scaling-policy-overview.html
 */
export class TargetTrackingPolicy implements ScalingPolicy {
  readonly kind = "TargetTrackingScaling";

  constructor(
    readonly name: string,
    private readonly settings: TrackingSettings,
    private readonly high: Alarm,
    private readonly low: Alarm,
    readonly cooldown: Cooldown,
    private readonly down: Assumptions["trackingDown"],
  ) {}

  wants(capacity: number, now: number): number | undefined {
    const high = this.high.evaluate(now) === "ALARM";
    const low = this.low.evaluate(now) === "ALARM";
    if (high) return Math.max(capacity, this.proportional(this.cooldown.base(capacity, now), this.high));
    if (!low || !this.settings.scalesIn) return undefined;
    // Rounded up: it removes no task without which the metric would be above its target.
    const wanted = Math.min(capacity, this.proportional(capacity, this.low));
    return this.down === "one task" ? Math.max(wanted, capacity - 1) : wanted;
  }

  cooldownAfter(direction: "out" | "in"): number {
    return direction === "out" ? this.settings.scaleOutCooldown : this.settings.scaleInCooldown;
  }

  private proportional(capacity: number, { evaluated }: Alarm): number {
    return Math.ceil((capacity * (evaluated[0] ?? this.settings.target)) / this.settings.target);
  }
}
