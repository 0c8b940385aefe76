import { type Construct } from "constructs";
import { check } from "../checks";

/** The retentions in days that CloudWatch Logs takes (PutRetentionPolicy). */
const RETENTIONS = [
  1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653,
];

/** `check` that CloudWatch Logs takes a retention, in days. */
export function checkLogRetention(scope: Construct, what: string, days: unknown): boolean {
  return check(scope, RETENTIONS.includes(days as number), {
    what,
    got: days,
    expected: `one of ${RETENTIONS.join(", ")} days`,
    fix: "Take the next longer one.",
  });
}
