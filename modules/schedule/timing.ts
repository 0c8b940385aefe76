import { type Construct } from "constructs";
import { check } from "../checks";
import { type Expression, parseExpression } from "./expression";

/**
 * `check` a schedule's expression and time zone, as EventBridge Scheduler and Application Auto Scaling take them.
 * @returns what the expression means, if it means something
 */
export function checkTiming(
  scope: Construct,
  what: string,
  expression: unknown,
  timezone: unknown,
): Expression | undefined {
  const parsed = parseExpression(expression);
  check(scope, typeof parsed === "object", {
    what: `${what}: expression`,
    got: expression,
    expected: typeof parsed === "string" ? parsed : "",
    fix: "See rate(5 minutes), cron(0 6 ? * MON-FRI *), at(2030-01-31T12:00:00).",
  });
  check(scope, isTimezone(timezone), {
    what: `${what}: timezone`,
    got: timezone,
    expected: "an IANA time zone",
    fix: "See UTC or Europe/Berlin.",
  });
  return typeof parsed === "object" ? parsed : undefined;
}

function isTimezone(timezone: unknown): boolean {
  if (timezone === "UTC") return true; // Asking takes a millisecond.
  if (typeof timezone !== "string" || /^[+-]/.test(timezone)) return false;
  try {
    const { timeZone: known } = new Intl.DateTimeFormat("en", { timeZone: timezone }).resolvedOptions();
    // Node also takes europe/berlin, AWS does not. An older name than Node's own is one of AWS's too.
    return known === timezone || known.toLowerCase() !== timezone.toLowerCase();
  } catch {
    return false;
  }
}
