import { type Construct } from "constructs";
import { check, checkInteger } from "../checks";

/**
 * Aurora capacity units. Each is about 2 GiB of memory with its CPU, and costs about $0.12 an hour (us-east-1), by the
 * second, for every instance: 0.5 all month are about $44, 1 about $88.
 */
export interface Capacity {
  /** What is always paid, 0 to 256 in halves. At 0 an idle instance pauses, costs only its storage, and takes some 15 seconds to wake. */
  readonly min: number;
  /** What it grows to under load, 1 to 256 in halves: the price of the worst hour, and what the number of connections is measured by. */
  readonly max: number;
}

const LIMIT = 256;
/** AWS's limits: 300 to 86400 seconds. */
const PAUSE = { min: 5, max: 1440 };

/**
 * How many connections a writer of Serverless v2 takes. AWS derives it from the maximum of the capacity; its table (Aurora
 * User Guide, "Maximum connections for Aurora Serverless v2") has 189 at 1 unit, 823 at 4, 1669 at 8, 3360 at 16, 5000
 * from 32 on, which is a line; with a minimum of 0 or 0.5 it is 2000 at most.
 */
export function maxConnections({ min, max }: Capacity): number {
  return Math.min(Math.round(211.4 * max - 22.4), min < 1 ? 2000 : 5000);
}

/** `check` a capacity, and the minutes until it pauses. Returns whether the capacity can be used. */
export function checkCapacity(scope: Construct, path: string, capacity: unknown, autoPauseMinutes?: number): boolean {
  const { min, max } = (capacity ?? {}) as Partial<Capacity>;
  const inHalves = (name: string, got: unknown, least: number): boolean =>
    check(scope, isHalf(got) && got >= least && got <= LIMIT, {
      what: `${path}: capacity.${name}`,
      got,
      expected: `${String(least)} to ${String(LIMIT)} capacity units in halves`,
      fix: "See 0.5 to begin with.",
    });
  const known = [inHalves("min", min, 0), inHalves("max", max, 1)].every(Boolean);
  check(scope, !known || Number(min) <= Number(max), {
    what: `${path}: capacity`,
    got: capacity,
    expected: "min not above max",
    fix: "Raise max or lower min.",
  });
  if (autoPauseMinutes !== undefined) checkPause(scope, path, min, autoPauseMinutes);
  return known;
}

function checkPause(scope: Construct, path: string, min: unknown, autoPauseMinutes: number): void {
  const what = `${path}: autoPauseMinutes`;
  checkInteger(scope, what, autoPauseMinutes, PAUSE.min, PAUSE.max, "These are Aurora's limits.", "minutes");
  check(scope, min === 0, {
    what,
    got: autoPauseMinutes,
    expected: "nothing, unless capacity.min is 0",
    fix: "Only an Aurora that may shrink to 0 pauses: set capacity.min to 0, or leave autoPauseMinutes out.",
  });
}

function isHalf(value: unknown): value is number {
  return typeof value === "number" && Number.isInteger(value * 2);
}
