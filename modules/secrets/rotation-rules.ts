import { type Construct } from "constructs";
import { check } from "../checks";
import { pathOf } from "../naming";
import { parseExpression } from "../schedule/expression";

/** When Secrets Manager rotates: one of the two. */
export interface RotationRules {
  readonly automaticallyAfterDays?: number;
  readonly scheduleExpression?: string;
  /** The window in which a rotation begins. */
  readonly duration?: string;
}

/** Days by which a rotation is due at the latest, by Secrets Manager's limits. */
const MOST = 1000;
/** The shortest window that Secrets Manager has. */
const WINDOW = "1h";

/** The rules of a number of days or of a cron() in UTC, `check`ed. */
export function rotationRules(scope: Construct, rotateEvery: unknown): RotationRules {
  const days = Number.isInteger(rotateEvery) && Number(rotateEvery) >= 1 && Number(rotateEvery) <= MOST;
  check(scope, days || isCron(rotateEvery), {
    what: `${pathOf(scope).join("/")}: rotateEvery`,
    got: rotateEvery,
    expected: `a number of days from 1 to ${String(MOST)}, or a cron() on the full hour in every year`,
    fix: 'See 30, or "cron(0 3 ? * SUN *)" for Sundays at 3:00 UTC.',
  });
  if (typeof rotateEvery === "string") return { scheduleExpression: rotateEvery, duration: WINDOW };
  return { automaticallyAfterDays: days ? Number(rotateEvery) : 30 };
}

/** Secrets Manager takes minute 0 and any year only, and rotates every four hours at the most. */
function isCron(expression: unknown): boolean {
  if (typeof expression !== "string" || !/^cron\(0 \S+ \S+ \S+ \S+ \*\)$/.test(expression)) return false;
  const hours = expression.split(" ")[1] ?? "";
  const often = hours === "*" || /[,/-]/.test(hours);
  return !often && typeof parseExpression(expression) === "object";
}
