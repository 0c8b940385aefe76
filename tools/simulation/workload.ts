import { type Task } from "./ecs-service";
import { type Sample, type Wake } from "./simulation";

/** What a service has to do, and how its tasks do it. Called every second, in this order. */
export interface Workload {
  /** What the load says comes now. */
  arrive(now: number): void;
  /** A task is told to stop. */
  stop(task: Task, now: number): void;
  /** The tasks work. */
  work(now: number): void;
  /** Once a minute: what SQS, ECS and the load balancer look at once a minute. */
  sample(now: number): void;
  /** At the end of each minute. */
  minute(): Pick<Sample, "load" | "other">;
  readonly open: number;
  readonly openSince: number | undefined;
  readonly lastArrival: number;
  /** When the last request came that can be known of at a certain time; -Infinity where there was none. */
  lastBefore(time: number): number;
  readonly wakes: Wake[];
  readonly killed: { readonly arrival: number; readonly at: number }[];
  readonly drained: number | undefined;
}
