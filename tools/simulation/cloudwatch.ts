import { type Assumptions } from "./assumptions";

/** Which metric: one with other dimensions is another metric. */
export interface MetricName {
  readonly namespace: string;
  readonly name: string;
  readonly dimensions: Readonly<Record<string, string>>;
}

interface DataPoint {
  sum: number;
  count: number;
  min: number;
  max: number;
}

export const MINUTE = 60;

const SERVICES: Readonly<Record<string, keyof Assumptions["publication"]>> = {
  "AWS/SQS": "sqs",
  "AWS/ECS": "ecs",
  "AWS/ApplicationELB": "elb",
};

/** Keeps what is measured, by the minute, and tells of a minute only when it is over and published. */
export class CloudWatch {
  private readonly metrics = new Map<string, (DataPoint | undefined)[]>();

  constructor(
    private readonly assumptions: Assumptions,
    /** Seconds from and to which nothing arrives from SQS: a fault of AWS. */
    private readonly outage: readonly [number, number] = [0, 0],
  ) {}

  /** Seconds after which nothing more is published of a minute that is over. */
  get latest(): number {
    return Math.max(...Object.values(this.assumptions.publication));
  }

  /** Says that there is such a metric, whether or not it is ever sent. */
  declare(metric: MetricName): void {
    if (!this.metrics.has(key(metric))) this.metrics.set(key(metric), []);
  }

  /** Adds one sample to the minute that `now` is in. */
  send(metric: MetricName, value: number, now: number): void {
    if (metric.namespace === "AWS/SQS" && now >= this.outage[0] && now < this.outage[1]) return;
    const points = this.points(metric);
    const minute = Math.floor(now / MINUTE);
    const point = (points[minute] ??= { sum: 0, count: 0, min: Infinity, max: -Infinity });
    point.sum += value;
    point.count += 1;
    point.min = Math.min(point.min, value);
    point.max = Math.max(point.max, value);
  }

  /** The statistic over the minutes from `first` until before `end`, as far as it is published at `now`. */
  read(metric: MetricName, statistic: string, first: number, end: number, now: number): number | undefined {
    const points = this.points(metric);
    const delay = this.assumptions.publication[SERVICES[metric.namespace] as keyof Assumptions["publication"]];
    let all: DataPoint | undefined;
    for (let minute = Math.max(0, first); minute < end && (minute + 1) * MINUTE + delay <= now; minute++) {
      const point = points[minute];
      if (!point) continue;
      all = all
        ? {
            sum: all.sum + point.sum,
            count: all.count + point.count,
            min: Math.min(all.min, point.min),
            max: Math.max(all.max, point.max),
          }
        : point;
    }
    return all && statisticOf(all, statistic);
  }

  private points(metric: MetricName): (DataPoint | undefined)[] {
    const points = this.metrics.get(key(metric));
    if (points && SERVICES[metric.namespace]) return points;
    const known = [...this.metrics.keys()].join("\n  ");
    throw new Error(`Nothing in this simulation sends ${key(metric)}. There are:\n  ${known}`);
  }
}

function statisticOf({ sum, count, min, max }: DataPoint, statistic: string): number {
  switch (statistic) {
    case "Sum":
      return sum;
    case "SampleCount":
      return count;
    case "Average":
      return sum / count;
    case "Minimum":
      return min;
    case "Maximum":
      return max;
    default:
      throw new Error(`The statistic ${statistic} is not simulated`);
  }
}

const keys = new WeakMap<MetricName, string>();

function key(metric: MetricName): string {
  let text = keys.get(metric);
  if (text === undefined) {
    const dimensions = Object.entries(metric.dimensions)
      .map(([name, value]) => `${name}=${value}`)
      .sort();
    text = `${metric.namespace} ${metric.name} {${dimensions.join(", ")}}`;
    keys.set(metric, text);
  }
  return text;
}
