import { type CloudWatch, type MetricName } from "./cloudwatch";

export interface LoadBalancerSettings {
  readonly loadBalancer: string;
  readonly targetGroup: string;
}

/**
 * An Application Load Balancer with one target group. Its counts are sent only when they are not 0.
 * https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-cloudwatch-metrics.html
 */
export class LoadBalancer {
  private readonly metrics: Record<"requests" | "perTarget" | "refused" | "errors" | "healthy", MetricName>;

  constructor(
    { loadBalancer, targetGroup }: LoadBalancerSettings,
    private readonly cloudwatch: CloudWatch,
  ) {
    const all = { LoadBalancer: loadBalancer };
    const group = { ...all, TargetGroup: targetGroup };
    const metric = (name: string, dimensions: MetricName["dimensions"]): MetricName => ({
      namespace: "AWS/ApplicationELB",
      name,
      dimensions,
    });
    this.metrics = {
      requests: metric("RequestCount", group),
      perTarget: metric("RequestCountPerTarget", group),
      refused: metric("HTTPCode_ELB_503_Count", all),
      errors: metric("HTTPCode_ELB_5XX_Count", all),
      healthy: metric("HealthyHostCount", group),
    };
    for (const name of Object.values(this.metrics)) cloudwatch.declare(name);
  }

  /**
   * A group without a registered target answers 503; one whose targets are unhealthy lets requests through to them.
   * https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-troubleshooting.html#http-503-issues
   * @returns whether it was passed on
   */
  request(targets: number, now: number): boolean {
    if (targets === 0) {
      this.cloudwatch.send(this.metrics.refused, 1, now);
      this.cloudwatch.send(this.metrics.errors, 1, now);
      return false;
    }
    this.cloudwatch.send(this.metrics.requests, 1, now);
    this.cloudwatch.send(this.metrics.perTarget, 1 / targets, now);
    return true;
  }

  /** Reported while targets are registered. */
  sample(targets: number, now: number): void {
    if (targets > 0) this.cloudwatch.send(this.metrics.healthy, targets, now);
  }
}
