import { type Construct } from "constructs";
import { check, checkInteger } from "../checks";
import { PRIMARY } from "../naming";
import { checkTiming } from "../schedule/timing";
import { type Tasks } from "./scaling";

/** From a time on, how many tasks a service may have; 0 and 0 lets none run until the next time. */
export interface ScheduledTasks extends Tasks {
  /** "cron(0 20 ? * MON-FRI *)", or rate() or at(). */
  readonly expression: string;
  /** The IANA time zone that cron() and at() mean: "Europe/Berlin". @default "UTC" */
  readonly timezone?: string;
}

/** Each with its name: `{ evening: { expression: "cron(0 20 ? * * *)", min: 0, max: 0 }, morning: … }`. */
export type TaskSchedule = Readonly<Record<string, ScheduledTasks>>;

const NAME = /^[a-z][a-z0-9]*(-[a-z0-9]+)*$/;
/** The ids of the target and of the policies, beside which an entry stands; those of their alarms end in "-alarm". */
const TAKEN = [PRIMARY, "bounds", "cpu", "memory", "requests", "backlog", "awake", "asleep", "busy", "calm"];

/** Whether an entry's name can be the id of a construct; a construct of another one would break the synth. */
export function isFree(name: string): boolean {
  // An id may not be what every object has, such as "constructor": constructs keeps its children in one.
  return NAME.test(name) && !TAKEN.includes(name.replace(/-alarm$/, "")) && !(name in {});
}

/** `check` that each time exists and is the only one of its moment, stays within the service's own tasks, and that what is put to sleep is woken again. */
export function checkSchedule(scope: Construct, service: string, tasks: Tasks, schedule: TaskSchedule): void {
  const moments = new Map<string, string>();
  let comesBack = false;
  for (const [name, { expression, timezone = "UTC", min, max }] of Object.entries(schedule)) {
    const what = `${service}: schedule.${name}`;
    check(scope, isFree(name), {
      what,
      got: name,
      expected: NAME.test(name) ? "a name that nothing else of the scaling has" : "a name in kebab-case",
      fix: "It is part of addresses and names: evening.",
    });
    const timing = checkTiming(scope, what, expression, timezone);
    if (max !== 0 && !timing?.ends) comesBack = true;
    const moment = `${expression}, ${timezone}`;
    const other = moments.get(moment) ?? name;
    check(scope, timing === undefined || other === name, {
      what,
      got: moment,
      expected: `another time than that of schedule.${other}`,
      fix: "Nobody knows which of the two AWS does last. Change one, or take it out.",
    });
    moments.set(moment, other);
    if (min === 0 && max === 0) continue;
    const within = "Or 0 and 0, and none runs.";
    const maxOk = checkInteger(
      scope,
      `${what}: max`,
      max,
      1,
      tasks.max,
      `More than tasks.max is never paid for. ${within}`,
    );
    const fix =
      tasks.min === 0
        ? ""
        : "Below tasks.min the service would not come back by itself: its load is measured on its tasks.";
    checkInteger(scope, `${what}: min`, min, tasks.min, maxOk ? max : tasks.max, `${fix} ${within}`.trim());
  }
  const names = Object.keys(schedule);
  check(scope, names.length === 0 || comesBack, {
    what: `${service}: schedule`,
    got: names,
    expected: "a time at which the tasks come back again and again",
    fix: "Add one with the service's own min and max, by rate(), or by cron() with * as its year.",
  });
}

/** The fewest tasks that may ever run: what is asleep at night is not missing then. */
export function fewest({ min }: Tasks, schedule: TaskSchedule = {}): number {
  return Math.min(min, ...Object.values(schedule).map((one) => one.min));
}
