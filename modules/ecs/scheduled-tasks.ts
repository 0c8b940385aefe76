import { type Construct } from "constructs";
import { check, checkInteger } from "../checks";
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

/** `check` that each time exists, stays within the service's own tasks, and that what is put to sleep is woken again. */
export function checkSchedule(scope: Construct, service: string, tasks: Tasks, schedule: TaskSchedule): void {
  for (const [name, { expression, timezone = "UTC", min, max }] of Object.entries(schedule)) {
    const what = `${service}: schedule.${name}`;
    check(scope, NAME.test(name), {
      what,
      got: name,
      expected: "a name in kebab-case",
      fix: "It is part of addresses and names: evening.",
    });
    checkTiming(scope, what, expression, timezone);
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
  const entries = Object.values(schedule);
  check(scope, entries.length === 0 || entries.some(({ max }) => max !== 0), {
    what: `${service}: schedule`,
    got: Object.keys(schedule),
    expected: "a time at which the tasks come back",
    fix: "Add one with the service's own min and max.",
  });
}

/** The fewest tasks that may ever run: what is asleep at night is not missing then. */
export function fewest({ min }: Tasks, schedule: TaskSchedule = {}): number {
  return Math.min(min, ...Object.values(schedule).map((one) => one.min));
}
