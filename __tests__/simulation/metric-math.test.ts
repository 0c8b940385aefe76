import { MetricMath } from "../../tools/simulation/metric-math";

const value = (
  expression: string,
  at: Readonly<Record<string, number>>,
  fillsEmptySeries = true,
  empty: string[] = [],
) => new MetricMath(expression, fillsEmptySeries).value({ at: (id) => at[id], empty: (id) => empty.includes(id) });

/** https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/using-metric-math.html */
describe("the simulated metric math computes as CloudWatch's guide says", () => {
  test.each([
    ["between two series a missing data point counts as 0", "a + b", { a: 3 }, 3],
    ["where both are missing there is none", "a + b", {}, undefined],
    ["a series without a data point and a number make none", "a * 2", {}, undefined],
    ["a division by 0 is dropped", "a / b", { a: 3, b: 0 }, undefined],
    ["so is one by a data point that is missing", "a / b", { a: 3 }, undefined],
    ["comparisons make 0 and 1", "(a > 15 AND b > 15) + (a > 15 OR b > 15)", { a: 20, b: 3 }, 1],
    ["AND binds more tightly than OR", "a > 0 OR a > 0 AND b > 0", { a: 1, b: 0 }, 1],
    ["IF takes its second argument where the condition is not 0", "IF(a, b, 5)", { a: -1, b: 30 }, 30],
    ["IF is 0 where that is missing", "IF(a, b, 5)", { a: 1 }, 0],
    ["IF takes its third where the condition is 0", "IF(a, b, 5)", { a: 0, b: 30 }, 5],
    ["IF has none without a third", "IF(a > 0, b)", { a: 0, b: 30 }, undefined],
    ["IF has none where the condition has none", "IF(a > 0, 1, 0)", {}, undefined],
    ["FILL stands in for what is missing", "FILL(a, 7)", {}, 7],
    ["FILL leaves what is there", "FILL(a, 7)", { a: 0 }, 0],
    ["CEIL rounds up", "CEIL(a / 10)", { a: 41 }, 5],
    ["a minus may stand before", "-a", { a: 4 }, -4],
  ])("%s: %s", (_, expression, at: Record<string, number>, expected) => {
    expect(value(expression, at)).toBe(expected);
  });

  test("whether FILL fills a series without any data point is not documented: both are simulated", () => {
    expect(value("FILL(a, 7)", {}, false, ["a"])).toBeUndefined();
    expect(value("FILL(a, 7)", {}, false)).toBe(7);
  });

  test.each(["RATE(a)", "FILL(a, REPEAT)", "a % 2", "IF(a)", "MAX([a, b])", "!a"])(
    "%s is refused, not guessed",
    (expression) => {
      expect(() => value(expression, { a: 1, b: 2 })).toThrow(/^Metric math that is not simulated: /);
    },
  );
});
