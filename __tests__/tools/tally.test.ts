import { jestTally, judged, line, sum, unittestTally } from "../../tools/support/tally";

const report = {
  numPassedTests: 10,
  numFailedTests: 1,
  numPendingTests: 2,
  numTodoTests: 1,
  numRuntimeErrorTestSuites: 1,
};

test("a test file that cannot be loaded counts as failed", () => {
  expect(jestTally(report, false)).toEqual({ passed: 10, failed: 2 });
});

test("a skipped test, or one that is only planned, counts as failed in CI", () => {
  expect(jestTally(report, true)).toEqual({ passed: 10, failed: 5 });
});

test("Python's failures, errors and skips are counted", () => {
  const lines = ["noise", "Ran 12 tests in 3.1s", "", "FAILED (failures=1, errors=2, skipped=3)"];
  expect(unittestTally(lines, false)).toEqual({ passed: 6, failed: 3 });
  expect(unittestTally(lines, true)).toEqual({ passed: 6, failed: 6 });
  expect(unittestTally(["Ran 1 test in 0.1s", "", "OK"], true)).toEqual({ passed: 1, failed: 0 });
});

test("a run that ended with an error has failed, though no test did", () => {
  expect(judged({ passed: 7, failed: 0 }, 1)).toEqual({ passed: 7, failed: 1 });
});

test("a run without a single test proves nothing, and has failed", () => {
  expect(judged(unittestTally([], true), 0)).toEqual({ passed: 0, failed: 1 });
});

test("the last line has the sums", () => {
  expect(
    line(
      sum([
        { passed: 3, failed: 0 },
        { passed: 4, failed: 2 },
      ]),
    ),
  ).toBe("7 passed, 2 failed");
});
