import { type Assumptions } from "./assumptions";
import { type CloudWatch } from "./cloudwatch";
import { type EcsService, type Task, count, isAvailable } from "./ecs-service";
import { type MessageLoad } from "./load";
import { type Sample, type Wake } from "./simulation";
import { SqsQueue } from "./sqs-queue";
import { type ServiceModel } from "./stack";
import { type Workload } from "./workload";

/** Percent: a task that waits for a message, and the memory that it uses. */
const IDLE_CPU = 1;
const MEMORY = 30;

/**
 * A worker whose tasks wait for messages (long polling) and work on one at a time. One that is told to stop takes no
 * further message, finishes the one that it has if there is the time, and leaves it to its visibility timeout if not.
 */
export class Worker implements Workload {
  readonly wakes: Wake[] = [];
  readonly killed: { readonly arrival: number; readonly at: number }[] = [];
  drained: number | undefined;
  lastArrival = -Infinity;
  private readonly queue: SqsQueue;
  private next = 0;

  constructor(
    service: ServiceModel,
    private readonly load: MessageLoad,
    private readonly ecs: EcsService,
    cloudwatch: CloudWatch,
    assumptions: Assumptions,
  ) {
    if (!service.queue) throw new Error(`${service.name}: its scaling looks at no queue`);
    this.queue = new SqsQueue(service.queue, assumptions, cloudwatch);
    if (this.touchedEvery > 0) this.queue.startActive();
  }

  get open(): number {
    return this.queue.visible + this.queue.inFlight;
  }

  get openSince(): number | undefined {
    const worked = this.ecs.tasks.flatMap(({ work }) => (work ? [work.message] : []));
    const all = [...worked, ...(this.queue.oldest === undefined ? [] : [this.queue.oldest])];
    return all.length > 0 ? Math.min(...all) : undefined;
  }

  lastBefore(time: number): number {
    return this.load.arrivals.findLast(({ at }) => at <= time)?.at ?? -Infinity;
  }

  arrive(now: number): void {
    if (this.touchedEvery > 0 && now % this.touchedEvery === 0) this.queue.call(now);
    this.queue.tick(now);
    for (let arrival = this.load.arrivals[this.next]; arrival && arrival.at <= now;) {
      this.queue.send(arrival.count, now);
      this.lastArrival = now;
      if (this.ecs.desired === 0 && !this.waking) this.wakes.push({ arrival: now });
      this.next += 1;
      arrival = this.load.arrivals[this.next];
    }
  }

  stop(task: Task, now: number): void {
    const { work } = task;
    if (!work) {
      // It has nothing to finish, and ends at once.
      task.stopsAt = Math.max(now + 1, task.stopping ?? 0);
    } else if (work.until <= task.stopsAt) {
      task.stopsAt = work.until + 1;
    } else {
      this.killed.push({ arrival: work.message, at: now });
      this.queue.abandon(work.message, work.until - this.load.secondsEach);
      delete task.work;
    }
  }

  work(now: number): void {
    const wake = this.waking;
    if (wake && wake.desired === undefined && this.ecs.desired > 0) wake.desired = now;
    for (const task of this.ecs.tasks) {
      if (!task.work || task.work.until > now) continue;
      delete task.work;
      this.queue.delete(now);
      if (this.open === 0) this.drained = now;
    }
    for (const task of this.ecs.tasks) {
      if (task.work || !isAvailable(task, now)) continue;
      const message = this.queue.receive(now);
      if (message === undefined) return;
      task.work = { until: now + this.load.secondsEach, message };
      if (wake) wake.served ??= now;
    }
  }

  sample(now: number): void {
    this.queue.sample(now);
    const running = this.ecs.running(now);
    const busy = count(this.ecs.tasks, ({ work }) => work !== undefined);
    const { cpu = 50 } = this.load;
    this.ecs.sample(now, running > 0 ? (busy * cpu + (running - busy) * IDLE_CPU) / running : 0, MEMORY);
  }

  minute(): Pick<Sample, "load" | "other"> {
    return { load: this.queue.visible, other: this.queue.inFlight };
  }

  private get touchedEvery(): number {
    return this.load.touchedEvery ?? 60;
  }

  private get waking(): Wake | undefined {
    const wake = this.wakes.at(-1);
    return wake?.served === undefined ? wake : undefined;
  }
}
