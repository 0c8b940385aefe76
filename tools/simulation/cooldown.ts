/**
 * The time that Application Auto Scaling gives a scaling activity to take effect. After scaling out, only a larger
 * scale-out goes further, and what was added counts as part of it; after scaling in, nothing is removed until the time
 * is over, and a scale-out ends it.
 * https://docs.aws.amazon.com/autoscaling/application/userguide/step-scaling-policy-overview.html#step-scaling-cooldown
 */
export class Cooldown {
  private until = 0;
  private direction: "out" | "in" = "out";
  private before = 0;
  private reached = 0;

  /** The capacity that an adjustment starts from. */
  base(capacity: number, now: number): number {
    return now < this.until && this.direction === "out" ? this.before : capacity;
  }

  /** Whether it is no larger than the scale-out that began the time. */
  blocksScaleOut(to: number, now: number): boolean {
    return now < this.until && this.direction === "out" && to <= this.reached;
  }

  blocksScaleIn(now: number): boolean {
    return now < this.until && this.direction === "in";
  }

  endScaleIn(): void {
    if (this.direction === "in") this.until = 0;
  }

  begin(from: number, to: number, now: number, seconds: number): void {
    this.before = this.base(from, now);
    this.reached = to;
    this.direction = to > from ? "out" : "in";
    this.until = now + seconds;
  }
}
