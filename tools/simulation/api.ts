import { type CloudWatch } from "./cloudwatch";
import { type EcsService, type Task, count, isAvailable } from "./ecs-service";
import { type RequestLoad, type RequestSegment } from "./load";
import { LoadBalancer } from "./load-balancer";
import { type Sample, type Wake } from "./simulation";
import { type ServiceModel } from "./stack";
import { type Workload } from "./workload";

/** Percent of its CPU and memory that a task uses at rest. */
const IDLE_CPU = 2;
const MEMORY = 30;

/** An API behind a load balancer: its tasks share the requests, and finish those that they have before they stop. */
export class Api implements Workload {
  readonly open = 0;
  readonly openSince = undefined;
  readonly killed = [];
  readonly drained = undefined;
  readonly wakes: Wake[] = [];
  /** The seconds in which requests came. */
  private readonly arrivals: number[] = [];
  private readonly loadBalancer: LoadBalancer;
  private readonly settings: NonNullable<ServiceModel["target"]>;
  private segment: RequestSegment | undefined;
  private next = 0;
  private due = 0;
  private requests = 0;
  private refused = 0;

  constructor(
    service: ServiceModel,
    private readonly load: RequestLoad,
    private readonly ecs: EcsService,
    cloudwatch: CloudWatch,
  ) {
    if (!service.target) throw new Error(`${service.name}: no load balancer sends requests to it`);
    this.settings = service.target;
    this.loadBalancer = new LoadBalancer(service.target, cloudwatch);
  }

  get lastArrival(): number {
    return this.arrivals.at(-1) ?? -Infinity;
  }

  lastBefore(time: number): number {
    return this.arrivals.findLast((arrival) => arrival <= time) ?? -Infinity;
  }

  /** Evenly through each segment, the first at its beginning. */
  arrive(now: number): void {
    if (this.segment && this.segment.to <= now) this.segment = undefined;
    const coming = this.load.segments[this.next];
    if (coming && coming.from <= now) {
      this.segment = coming;
      this.next += 1;
      this.due = 1 - coming.perMinute / 60;
    }
    if (!this.segment) return;
    this.due += this.segment.perMinute / 60;
    for (; this.due >= 1 - 1e-9; this.due -= 1) this.request(now);
  }

  stop(_task: Task): void {
    // The load balancer lets it finish: deregistration delay, then SIGTERM.
  }

  work(now: number): void {
    const wake = this.wakes.at(-1);
    if (wake && wake.desired === undefined && this.ecs.desired > 0) wake.desired = now;
    if (wake?.desired !== undefined && wake.served === undefined && this.healthy(now) > 0) wake.served = now;
  }

  sample(now: number): void {
    const targets = this.ecs.available(now);
    this.loadBalancer.sample(this.healthy(now), now);
    const wanted = this.segment?.cpu ?? (this.segment ? 5 : 0);
    const cpu = Math.min(100, IDLE_CPU + wanted / Math.max(1, targets));
    this.ecs.sample(now, cpu, this.load.memory ?? MEMORY);
  }

  minute(): Pick<Sample, "load" | "other"> {
    const sample = { load: this.requests, other: this.refused };
    this.requests = 0;
    this.refused = 0;
    return sample;
  }

  private request(now: number): void {
    this.requests += 1;
    if (this.lastArrival < now) this.arrivals.push(now);
    const last = this.wakes.at(-1);
    if (this.ecs.desired === 0 && (!last || last.served !== undefined)) this.wakes.push({ arrival: now });
    if (!this.loadBalancer.request(this.ecs.available(now), now)) this.refused += 1;
  }

  /** A new target serves when it has passed its first health check. */
  private healthy(now: number): number {
    const { healthCheckInterval } = this.settings;
    return count(this.ecs.tasks, (task) => isAvailable(task, now) && task.runsFrom + healthCheckInterval <= now);
  }
}
