/** What a check came to. Everything counts that was to prove something: tests, and one each for lint, format, types. */
export interface Tally {
  readonly passed: number;
  readonly failed: number;
}

/** What we use of what `jest --json` writes. */
export interface JestReport {
  readonly numPassedTests: number;
  readonly numFailedTests: number;
  readonly numPendingTests: number;
  readonly numTodoTests: number;
  /** Files that could not even be loaded. */
  readonly numRuntimeErrorTestSuites: number;
}

/** @param strict a skipped test counts as failed, as it does in CI */
export function jestTally(report: JestReport, strict: boolean): Tally {
  const skipped = report.numPendingTests + report.numTodoTests;
  return {
    passed: report.numPassedTests,
    failed: report.numFailedTests + report.numRuntimeErrorTestSuites + (strict ? skipped : 0),
  };
}

/** From the last lines of Python's unittest: "Ran 12 tests in 3.1s", "FAILED (failures=1, errors=2, skipped=1)". */
export function unittestTally(lines: readonly string[], strict: boolean): Tally {
  const ran = number(
    lines.findLast((line) => line.startsWith("Ran ")),
    /Ran (\d+) tests?/,
  );
  const verdict = lines.findLast((line) => /^(OK|FAILED)\b/.test(line));
  const wrong = ["failures", "errors", "unexpected successes"].reduce(
    (sum, kind) => sum + number(verdict, counted(kind)),
    0,
  );
  const skipped = number(verdict, counted("skipped"));
  return { passed: Math.max(0, ran - wrong - skipped), failed: wrong + (strict ? skipped : 0) };
}

function counted(kind: string): RegExp {
  return new RegExp(`[( ]${kind}=(\\d+)`);
}

/** A check that ended with an error has failed, whatever it counted; one that proved nothing has, too. */
export function judged({ passed, failed }: Tally, exitCode: number): Tally {
  const broken = failed === 0 && (exitCode !== 0 || passed === 0);
  return { passed, failed: broken ? 1 : failed };
}

export function sum(tallies: readonly Tally[]): Tally {
  return tallies.reduce((a, b) => ({ passed: a.passed + b.passed, failed: a.failed + b.failed }), {
    passed: 0,
    failed: 0,
  });
}

/** The last line of `npm test`: "312 passed, 0 failed". */
export function line({ passed, failed }: Tally): string {
  return `${String(passed)} passed, ${String(failed)} failed`;
}

function number(text: string | undefined, pattern: RegExp): number {
  return Number(text === undefined ? 0 : (pattern.exec(text)?.[1] ?? 0));
}
