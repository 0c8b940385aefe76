import { type CloudWatch, type MetricName } from "./cloudwatch";

/** One task, from the wish for it until it has stopped. Times are seconds from the beginning. */
export interface Task {
  readonly runsFrom: number;
  /** When it was told to stop (SIGTERM). */
  stopping?: number;
  stopsAt: number;
  /** What it has in work. */
  work?: { readonly until: number; readonly message: number };
}

export interface ServiceSettings {
  readonly metrics: { readonly cpu: MetricName; readonly memory: MetricName };
  /** Seconds from the wish for a task until it runs. */
  readonly taskStart: number;
  /** Seconds in which a load balancer still lets a task finish its requests before it is told to stop. */
  readonly deregistrationDelay: number;
  /** Seconds from SIGTERM to SIGKILL. */
  readonly stopTimeout: number;
}

/**
 * An ECS service: starts and stops tasks until there are as many as desired. AWS does not say which task it stops; here
 * it is the one that has run longest, which is the more likely to have work.
 * https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-lifecycle-explanation.html
 */
export class EcsService {
  desired: number;
  tasks: Task[] = [];

  constructor(
    desired: number,
    private readonly settings: ServiceSettings,
    private readonly cloudwatch: CloudWatch,
  ) {
    this.desired = desired;
    // The beginning is a steady state.
    this.tasks = Array.from({ length: desired }, () => ({ runsFrom: 0, stopsAt: Infinity }));
    cloudwatch.declare(settings.metrics.cpu);
    cloudwatch.declare(settings.metrics.memory);
  }

  /** Starts and stops what is missing or too many. @returns the tasks that were told to stop now */
  reconcile(now: number): Task[] {
    let staying = 0;
    let stopped = false;
    for (const { stopping, stopsAt } of this.tasks) {
      if (stopping === undefined) staying += 1;
      else if (stopsAt <= now) stopped = true;
    }
    if (stopped) this.tasks = this.tasks.filter(({ stopsAt }) => stopsAt > now);
    for (; staying < this.desired; staying++) {
      this.tasks.push({ runsFrom: now + this.settings.taskStart, stopsAt: Infinity });
    }
    if (staying === this.desired) return NONE;
    return this.tasks
      .filter(({ stopping }) => stopping === undefined)
      .slice(0, staying - this.desired)
      .map((task) => this.stop(task, now));
  }

  /** How many can work: they run, and are not told to stop. */
  available(now: number): number {
    return count(this.tasks, (task) => isAvailable(task, now));
  }

  running(now: number): number {
    return count(this.tasks, ({ runsFrom }) => runsFrom <= now);
  }

  /**
   * Each running task sends one sample a minute; while none runs there are no metrics.
   * https://docs.aws.amazon.com/AmazonECS/latest/developerguide/cloudwatch-metrics.html ("Service RUNNING task count")
   */
  sample(now: number, cpu: number, memory: number): void {
    for (let count = this.running(now); count > 0; count--) {
      this.cloudwatch.send(this.settings.metrics.cpu, cpu, now);
      this.cloudwatch.send(this.settings.metrics.memory, memory, now);
    }
  }

  /** The load balancer lets go of it first, then SIGTERM, then SIGKILL: all of the time is taken for certain. */
  private stop(task: Task, now: number): Task {
    if (task.runsFrom > now) {
      task.stopping = now;
      task.stopsAt = now;
      return task;
    }
    task.stopping = now + this.settings.deregistrationDelay;
    task.stopsAt = task.stopping + this.settings.stopTimeout;
    return task;
  }
}

const NONE: Task[] = [];

export function isAvailable({ runsFrom, stopping }: Task, now: number): boolean {
  return runsFrom <= now && stopping === undefined;
}

/** It is asked every second: without a list. */
export function count(tasks: readonly Task[], which: (task: Task) => boolean): number {
  let found = 0;
  for (const task of tasks) if (which(task)) found += 1;
  return found;
}
