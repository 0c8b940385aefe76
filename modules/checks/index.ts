import { type Construct } from "constructs";

/** What an error says: which setting, what it was, what it may be, and how to mend it. */
export interface Finding {
  /** The setting, as the environment names it: "api: memory". */
  readonly what: string;
  readonly got: unknown;
  /** The values that are allowed: "an integer from 1 to 35". */
  readonly expected: string;
  /** What to do about it, as a sentence. */
  readonly fix: string;
}

/** One line for a finding: "api: memory: expected 1024 to 4096 MiB, got 512. Raise it or lower the CPU." */
export function sentence({ what, got, expected, fix }: Finding): string {
  return `${what}: expected ${expected}, got ${shown(got)}. ${fix}`;
}

/**
 * Adds an error to the synth unless `ok`. Nothing is thrown, so that all the errors of an environment are told at
 * once, before anything is written. Returns `ok`, for checks that only make sense after another.
 */
export function check(scope: Construct, ok: boolean, finding: Finding): boolean {
  if (!ok) scope.node.addValidation({ validate: () => [sentence(finding)] });
  return ok;
}

/** `check` that a value is an integer between two bounds, both allowed. */
export function checkInteger(
  scope: Construct,
  what: string,
  got: unknown,
  min: number,
  max: number,
  fix: string,
  unit = "",
): boolean {
  const expected = `an integer from ${String(min)} to ${String(max)}${unit && ` ${unit}`}`;
  const ok = Number.isInteger(got) && (got as number) >= min && (got as number) <= max;
  return check(scope, ok, { what, got, expected, fix });
}

function shown(value: unknown): string {
  if (typeof value === "string") return JSON.stringify(value);
  if (typeof value === "object" && value !== null) return JSON.stringify(value);
  return String(value);
}
