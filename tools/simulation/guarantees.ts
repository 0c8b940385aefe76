import { knownAfter } from "./assumptions";
import { type Load, changesOf } from "./load";
import { type Run, type Step } from "./simulation";

const MINUTE = 60;
/** Minutes without a request until an API may sleep. */
const API_IDLE = 30;
/** Minutes after which whoever has nothing to do sleeps: the longer of the two times, and what is late. */
const ASLEEP = 45;
/**
 * Minutes in which two changes of the capacity in opposite directions, without a change of the load, are a fight: of two
 * policies at once, of a single one when it goes to and fro.
 */
const FIGHT = 10;
/** Minutes after a change of the load in which scaling may still answer to what was before. */
const REACTS = 6;

/** Seconds from the first message or request to a sleeping service until it wants a task. */
export function wakeBound({ load, assumptions }: Run): number {
  const untouched = load.kind === "messages" && load.touchedEvery === 0;
  return knownAfter(load, assumptions) + (untouched ? assumptions.activation : 0);
}

/** Seconds from a burst until its last message is done: the work of as many tasks as may run, and ten minutes until they do. */
export function drainBound(run: Run): number {
  const { load, service, assumptions } = run;
  if (load.kind !== "messages") return Infinity;
  const work = load.arrivals.reduce((sum, { count }) => sum + count, 0) * load.secondsEach;
  return work / service.max + wakeBound(run) + assumptions.taskStart + 10 * MINUTE;
}

/** How often the capacity changed its direction: a service that is needed once goes up once and down once. */
export function directionChanges(steps: readonly Step[]): number {
  return steps.filter((step, index) => {
    const before = steps[index - 1];
    return before !== undefined && before.to > before.from !== step.to > step.from;
  }).length;
}

/** What a run broke of what is promised, each in a sentence; none when it kept it all. */
export function violations(run: Run): string[] {
  return [
    ...wakesInTime(run),
    ...sleepsOnlyWhenIdle(run),
    ...sleepsWhenIdle(run),
    ...wakesForSomething(run),
    ...doesNotFight(run),
    ...staysInBounds(run),
    ...refusesOnlyWhileItWakes(run),
  ];
}

function wakesInTime(run: Run): string[] {
  const bound = wakeBound(run);
  const { taskStart } = run.assumptions;
  const start = taskStart + (run.service.target?.healthCheckInterval ?? 0);
  const { seconds } = run.load;
  return run.wakes.flatMap(({ arrival, desired = seconds, served = seconds }) => {
    if (desired - arrival > bound && arrival + bound < seconds) {
      return [`woke ${minutes(desired - arrival)} after ${at(arrival)}, later than ${minutes(bound)}`];
    }
    const late = served - arrival > bound + start && arrival + bound + start < seconds;
    return late
      ? [`served ${minutes(served - arrival)} after ${at(arrival)}, later than ${minutes(bound + start)}`]
      : [];
  });
}

/** Nothing is open but what came too lately to be known; ECS has no way to ask at that moment. */
function sleepsOnlyWhenIdle(run: Run): string[] {
  if (run.service.min > 0) return [];
  const known = knownAfter(run.load, run.assumptions);
  const asleep = run.steps.filter(({ to }) => to === 0);
  if (run.load.kind === "requests") {
    return asleep
      .filter(({ at: when, lastKnown }) => when - lastKnown < API_IDLE * MINUTE - known)
      .map(({ at: when, lastKnown }) => `slept at ${at(when)}, ${minutes(when - lastKnown)} after a request`);
  }
  const open = asleep.filter(({ at: when, openSince = when }) => when - openSince > known);
  const killed = run.killed.filter(({ arrival, at: when }) => when - arrival > known);
  return [
    ...open.map(({ at: when, openSince = 0 }) => `slept at ${at(when)} with work that is open since ${at(openSince)}`),
    ...killed.map(({ at: when, arrival }) => `killed a task at ${at(when)} with a message of ${at(arrival)}`),
  ];
}

function sleepsWhenIdle({ load, service, steps, samples, left, drained }: Run): string[] {
  const last = Math.max(drained ?? 0, ...changesOf(load));
  if (service.min > 0 || load.seconds - last < ASLEEP * MINUTE) return [];
  const desired = samples.at(-1)?.desired ?? 0;
  return [
    ...(left > 0 ? [`left ${String(left)} messages undone`] : []),
    ...(desired > 0 && left === 0
      ? [`still had ${String(desired)} tasks at the end, after ${String(steps.length)} steps`]
      : []),
  ];
}

function wakesForSomething({ steps, assumptions }: Run): string[] {
  const recently = 30 * MINUTE + assumptions.activation;
  return steps
    .filter(
      ({ from, at: when, openSince, lastArrival }) =>
        from === 0 && openSince === undefined && when - lastArrival > recently,
    )
    .map(({ at: when, policy }) => `woke at ${at(when)} for nothing (${policy})`);
}

/** Whether a step goes back on the one before it, soon after. */
function isTurn(before: Step | undefined, step: Step): boolean {
  if (!before || step.at - before.at > FIGHT * MINUTE) return false;
  return before.to > before.from !== step.to > step.from;
}

function doesNotFight({ steps, load }: Run): string[] {
  const changes = changesOf(load);
  return steps.flatMap((step, index) => {
    const before = steps[index - 1];
    if (!before || !isTurn(before, step)) return [];
    if (changes.some((change) => change > before.at - REACTS * MINUTE && change <= step.at)) return [];
    // One policy that turns around once had late figures, and corrects itself; one that goes to and fro does not.
    if (before.policy === step.policy && !isTurn(steps[index - 2], before)) return [];
    return [`fought at ${at(step.at)}: ${told(before)}, then ${told(step)}`];
  });
}

function staysInBounds({ samples, service: { min, max }, load }: Run): string[] {
  if (load.interventions) return [];
  const out = samples.findIndex(({ desired }) => desired < min || desired > max);
  return out < 0 ? [] : [`had ${String(samples[out]?.desired)} tasks at ${at(out * MINUTE)}`];
}

function refusesOnlyWhileItWakes({ samples, wakes, load }: Run): string[] {
  if (load.kind !== "requests") return [];
  const waking = (minute: number): boolean =>
    wakes.some(({ arrival, served = Infinity }) => (minute + 1) * MINUTE > arrival && minute * MINUTE <= served);
  const refused = samples.findIndex(({ other }, minute) => other > 0 && !waking(minute));
  return refused < 0 ? [] : [`refused requests at ${at(refused * MINUTE)}, while it was awake`];
}

const told = ({ policy, from, to }: Step): string => `${policy} ${String(from)} → ${String(to)}`;
const minutes = (seconds: number): string => `${(seconds / MINUTE).toFixed(1)} min`;
const at = (seconds: number): string => `minute ${(seconds / MINUTE).toFixed(1)}`;

/** Whether a load is a burst: a thousand messages or more, all at once. */
export function isBurst(load: Load): boolean {
  return load.kind === "messages" && load.arrivals.length === 1 && (load.arrivals[0]?.count ?? 0) >= 1000;
}
