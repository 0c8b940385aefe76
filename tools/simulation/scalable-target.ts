import { type ScalingPolicy } from "./scaling-policy";

/** A change of the desired count. */
export interface Activity {
  /** Seconds from the beginning. */
  readonly at: number;
  readonly policy: string;
  readonly from: number;
  readonly to: number;
}

/** What Application Auto Scaling does to the desired count of one service. */
export class ScalableTarget {
  readonly activities: Activity[] = [];

  constructor(
    public min: number,
    readonly max: number,
    private readonly policies: readonly ScalingPolicy[],
  ) {}

  /**
   * Once a minute. Of several policies the one with the largest capacity wins, in both directions; target tracking
   * scales in only when all of it is ready to, and does not hold steps up ("Multiple scaling policies").
   * https://docs.aws.amazon.com/autoscaling/application/userguide/target-tracking-scaling-policy-overview.html#target-tracking-multiple-scaling-policies
   * @returns the desired count from now on
   */
  scale(capacity: number, now: number): number {
    const wishes = this.policies.map((policy) => ({ policy, wanted: policy.wants(capacity, now) }));
    const tracking = wishes.filter(({ policy }) => policy.kind === "TargetTrackingScaling");
    const trackingMayRemove = tracking.every(
      ({ policy, wanted }) => wanted !== undefined && wanted <= capacity && !policy.cooldown.blocksScaleIn(now),
    );
    const changes = wishes.flatMap(({ policy, wanted }) => {
      if (wanted === undefined) return [];
      const to = Math.min(this.max, Math.max(this.min, wanted));
      if (to === capacity && policy.kind === "StepScaling") return [];
      if (to < capacity && policy.cooldown.blocksScaleIn(now)) return [];
      if (to > capacity && policy.cooldown.blocksScaleOut(to, now)) return [];
      if (to <= capacity && policy.kind === "TargetTrackingScaling" && !trackingMayRemove) return [];
      return [{ policy, to }];
    });
    const largest = changes.reduce<(typeof changes)[number] | undefined>(
      (best, change) => (best && best.to >= change.to ? best : change),
      undefined,
    );
    if (!largest || largest.to === capacity) return capacity;
    const { policy, to } = largest;
    // A scale-out ends the time in which nothing may be removed, whichever policy began it.
    if (to > capacity) for (const { cooldown } of this.policies) cooldown.endScaleIn();
    policy.cooldown.begin(capacity, to, now, policy.cooldownAfter(to > capacity ? "out" : "in"));
    this.activities.push({ at: now, policy: policy.name, from: capacity, to });
    return to;
  }
}
