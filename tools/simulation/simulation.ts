import { type Assumptions, USUAL, knownAfter } from "./assumptions";
import { CloudWatch, MINUTE } from "./cloudwatch";
import { EcsService } from "./ecs-service";
import { type Load, type MessageLoad, type RequestLoad } from "./load";
import { type Activity, type ScalableTarget } from "./scalable-target";
import { scalableTarget } from "./scaling";
import { type ServiceModel } from "./stack";
import { type Workload } from "./workload";
import { Worker } from "./worker";
import { Api } from "./api";

/** How things stand at the end of a minute. */
export interface Sample {
  readonly desired: number;
  readonly running: number;
  /** Messages that wait, or requests in that minute. */
  readonly load: number;
  /** Messages in flight, or requests in that minute that were refused. */
  readonly other: number;
}

/** A scaling activity, and what there was to do at that time. */
export interface Step extends Activity {
  /** Of the work that is open, when the oldest came; undefined where there is none. */
  readonly openSince: number | undefined;
  /** When the last request came, or the last message; and the last one that AWS can have told of by then. */
  readonly lastArrival: number;
  readonly lastKnown: number;
}

/** From the first work that came while nothing was desired. Seconds from the beginning. */
export interface Wake {
  readonly arrival: number;
  desired?: number;
  /** When a task took the work on, or answered. */
  served?: number;
}

/** What came of one service under one load. */
export interface Run {
  readonly service: ServiceModel;
  readonly load: Load;
  readonly assumptions: Assumptions;
  readonly samples: readonly Sample[];
  readonly steps: readonly Step[];
  readonly wakes: readonly Wake[];
  /** Work that was killed with its task: when it had come, and when that was. */
  readonly killed: readonly { readonly arrival: number; readonly at: number }[];
  /** When the last message was done. */
  readonly drained: number | undefined;
  /** Messages or requests that are still open at the end. */
  readonly left: number;
  /** Seconds of tasks that ran. */
  readonly taskSeconds: number;
}

/** Runs a service, as it is synthesized, under a load, second by second. */
export function simulate(service: ServiceModel, load: Load, assumptions: Assumptions = USUAL): Run {
  const cloudwatch = new CloudWatch(assumptions, load.kind === "messages" ? load.outage : undefined);
  const ecs = ecsService(service, cloudwatch, assumptions);
  const workload: Workload =
    load.kind === "messages"
      ? new Worker(service, load as MessageLoad, ecs, cloudwatch, assumptions)
      : new Api(service, load as RequestLoad, ecs, cloudwatch);
  const target = scalableTarget(service, cloudwatch, assumptions);
  const interventions = [...(load.interventions ?? [])];
  const samples: Sample[] = [];
  const steps: Step[] = [];
  let taskSeconds = 0;

  for (let now = 0; now < load.seconds; now++) {
    for (; interventions[0] && interventions[0].at <= now; interventions.shift()) {
      const { set, to } = interventions[0];
      if (set === "min") target.min = to;
      else ecs.desired = to;
    }
    workload.arrive(now);
    if (now % MINUTE === 0 && now > 0) steps.push(...scale(target, ecs, workload, now, load, assumptions));
    for (const task of ecs.reconcile(now)) workload.stop(task, now);
    workload.work(now);
    taskSeconds += ecs.running(now);
    if (now % MINUTE === assumptions.sampledAt) workload.sample(now);
    if (now % MINUTE === MINUTE - 1)
      samples.push({ desired: ecs.desired, running: ecs.running(now), ...workload.minute() });
  }
  const { wakes, killed, drained } = workload;
  return { service, load, assumptions, samples, steps, wakes, killed, drained, left: workload.open, taskSeconds };
}

function scale(
  target: ScalableTarget,
  ecs: EcsService,
  workload: Workload,
  now: number,
  load: Load,
  assumptions: Assumptions,
): Step[] {
  const before = ecs.desired;
  ecs.desired = target.scale(before, now);
  const activity = target.activities.at(-1);
  if (ecs.desired === before || !activity) return [];
  const { openSince, lastArrival } = workload;
  const lastKnown = workload.lastBefore(now - knownAfter(load, assumptions));
  return [{ ...activity, openSince, lastArrival, lastKnown }];
}

function ecsService(service: ServiceModel, cloudwatch: CloudWatch, { taskStart }: Assumptions): EcsService {
  const metric = (name: string) => ({ namespace: "AWS/ECS", name, dimensions: service.dimensions });
  const settings = {
    metrics: { cpu: metric("CPUUtilization"), memory: metric("MemoryUtilization") },
    taskStart,
    deregistrationDelay: service.target?.deregistrationDelay ?? 0,
    stopTimeout: service.stopTimeout,
  };
  return new EcsService(service.min, settings, cloudwatch);
}
