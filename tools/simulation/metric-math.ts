import jsep from "jsep";

/** What an expression's metrics are at one minute, and whether one has any data point in the range that is looked at. */
export interface Series {
  readonly at: (id: string) => number | undefined;
  readonly empty: (id: string) => boolean;
}

/** A number, or the data point of a time series, which may be missing. */
interface Value {
  readonly series: boolean;
  readonly value: number | undefined;
}

type Operation = (left: number, right: number) => number;

const OPERATIONS: Readonly<Record<string, Operation>> = {
  "+": (a, b) => a + b,
  "-": (a, b) => a - b,
  "*": (a, b) => a * b,
  "/": (a, b) => a / b,
  "==": (a, b) => Number(a === b),
  "!=": (a, b) => Number(a !== b),
  "<": (a, b) => Number(a < b),
  "<=": (a, b) => Number(a <= b),
  ">": (a, b) => Number(a > b),
  ">=": (a, b) => Number(a >= b),
  AND: (a, b) => Number(a !== 0 && b !== 0),
  OR: (a, b) => Number(a !== 0 || b !== 0),
};
// They bind as && and || do.
jsep.addBinaryOp("OR", 1);
jsep.addBinaryOp("AND", 2);

/**
 * An expression of CloudWatch metric math, as far as the stacks use it; anything else throws, rather than be taken for
 * something that it is not. https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/using-metric-math.html
 */
export class MetricMath {
  private readonly tree: jsep.Expression;

  /** @param fillsEmptySeries whether FILL fills a series that has no data point at all in the range */
  constructor(
    private readonly expression: string,
    private readonly fillsEmptySeries: boolean,
  ) {
    this.tree = jsep(expression);
  }

  /** Its data point at one minute, or undefined where it has none. */
  value(series: Series): number | undefined {
    return this.evaluate(this.tree, series).value;
  }

  private evaluate(tree: jsep.Expression, series: Series): Value {
    const node = tree as jsep.CoreExpression;
    switch (node.type) {
      case "Literal":
        return { series: false, value: Number(node.value) };
      case "Identifier":
        return { series: true, value: series.at(node.name) };
      case "UnaryExpression": {
        if (node.operator !== "-") throw this.unknown(`the operator ${node.operator}`);
        const { value, ...rest } = this.evaluate(node.argument, series);
        return { ...rest, value: value === undefined ? undefined : -value };
      }
      case "BinaryExpression":
        return this.operate(node, series);
      case "CallExpression":
        return this.call((node.callee as jsep.Identifier).name, node.arguments, series);
      default:
        throw this.unknown(node.type);
    }
  }

  /** Between two series one that has no data point counts as 0; a division by 0 has none ("Basic arithmetic functions"). */
  private operate(node: jsep.BinaryExpression, series: Series): Value {
    const operation = OPERATIONS[node.operator];
    if (!operation) throw this.unknown(`the operator ${node.operator}`);
    const left = this.evaluate(node.left, series);
    const right = this.evaluate(node.right, series);
    const ofSeries = left.series || right.series;
    const nothing = [left, right].every((side) => !side.series || side.value === undefined);
    if (ofSeries && nothing) return { series: true, value: undefined };
    const value = operation(left.value ?? 0, right.value ?? 0);
    return { series: ofSeries, value: Number.isFinite(value) ? value : undefined };
  }

  private call(name: string, args: readonly jsep.Expression[], series: Series): Value {
    const [first, second, third] = args;
    if (name === "CEIL" && first && args.length === 1) {
      const { value, ...rest } = this.evaluate(first, series);
      return { ...rest, value: value === undefined ? undefined : Math.ceil(value) };
    }
    if (name === "FILL" && first && second && args.length === 2) return this.fill(first, second, series);
    if (name === "IF" && first && second) return this.choose(first, second, third, series);
    throw this.unknown(`${name} with ${String(args.length)} arguments`);
  }

  private fill(of: jsep.Expression, by: jsep.Expression, series: Series): Value {
    if (of.type !== "Identifier" || by.type !== "Literal")
      throw this.unknown("FILL of anything but a metric by a number");
    const { value } = this.evaluate(of, series);
    if (value !== undefined) return { series: true, value };
    const fills = this.fillsEmptySeries || !series.empty((of as jsep.Identifier).name);
    return { series: true, value: fills ? this.evaluate(by, series).value : undefined };
  }

  /** Where the condition has no data point there is none; where it is true a missing one is 0 ("Using IF expressions"). */
  private choose(
    condition: jsep.Expression,
    yes: jsep.Expression,
    no: jsep.Expression | undefined,
    series: Series,
  ): Value {
    const { value } = this.evaluate(condition, series);
    if (value === undefined) return { series: true, value: undefined };
    if (value !== 0) return { series: true, value: this.evaluate(yes, series).value ?? 0 };
    return { series: true, value: no && this.evaluate(no, series).value };
  }

  private unknown(what: string): Error {
    return new Error(`Metric math that is not simulated: ${what}, in ${this.expression}`);
  }
}
