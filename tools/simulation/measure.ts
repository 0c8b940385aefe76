import { periodBefore } from "./alarm";
import { type CloudWatch, type MetricName, MINUTE } from "./cloudwatch";
import { MetricMath } from "./metric-math";

/** A metric and its statistic. */
export interface Statistic {
  readonly metric: MetricName;
  readonly statistic: string;
}

/** What an alarm looks at: one metric, or an expression over several by their ids. */
export type Measure =
  Statistic | { readonly expression: string; readonly metrics: Readonly<Record<string, Statistic>> };

type DataPointOf = (age: number, now: number) => number | undefined;

/**
 * Reads a measure's data points from CloudWatch.
 * @param period minutes @param range the data points that an alarm retrieves
 */
export function reader(measure: Measure, { cloudwatch, period, range, fillsEmptySeries }: Reading): DataPointOf {
  const read = ({ metric, statistic }: Statistic, age: number, now: number): number | undefined =>
    cloudwatch.read(metric, statistic, ...periodBefore(age, period, now), now);
  const statistics = "expression" in measure ? Object.values(measure.metrics) : [measure];
  // A metric that nothing sends is told when the simulation is made, not when it is first looked at.
  for (const statistic of statistics) read(statistic, 0, MINUTE);
  if (!("expression" in measure)) return (age, now) => read(measure, age, now);

  const math = new MetricMath(measure.expression, fillsEmptySeries);
  const of = (id: string): Statistic => {
    const found = measure.metrics[id];
    if (!found) throw new Error(`${measure.expression}: there is no metric ${id}`);
    return found;
  };
  const emptyAt = new Map<string, { now: number; empty: boolean }>();
  const empty = (id: string, now: number): boolean => {
    let known = emptyAt.get(id);
    if (known?.now !== now) {
      const ages = Array.from({ length: range }, (_, age) => age);
      known = { now, empty: ages.every((age) => read(of(id), age, now) === undefined) };
      emptyAt.set(id, known);
    }
    return known.empty;
  };
  const value: DataPointOf = (age, now) =>
    math.value({ at: (id) => read(of(id), age, now), empty: (id) => empty(id, now) });
  // What depends on the range that is looked at can change for a minute that is long over.
  return fillsEmptySeries && period === 1 ? remembered(value, cloudwatch.latest) : value;
}

/** A data point is computed once when all that it is made of is published. @param latest seconds after a minute's end */
function remembered(value: DataPointOf, latest: number): DataPointOf {
  const known: (number | undefined)[] = [];
  const final: boolean[] = [];
  return (age, now) => {
    const end = Math.floor(now / MINUTE) - age;
    if (end < 0) return value(age, now);
    if (!final[end]) {
      known[end] = value(age, now);
      final[end] = end * MINUTE + latest <= now;
    }
    return known[end];
  };
}

interface Reading {
  readonly cloudwatch: CloudWatch;
  readonly period: number;
  readonly range: number;
  readonly fillsEmptySeries: boolean;
}
