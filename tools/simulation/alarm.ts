import { MINUTE } from "./cloudwatch";

export type AlarmState = "OK" | "ALARM" | "INSUFFICIENT_DATA";
export type TreatMissingData = "missing" | "ignore" | "breaching" | "notBreaching";

const COMPARISONS: Readonly<Record<string, (value: number, threshold: number) => boolean>> = {
  GreaterThanThreshold: (value, threshold) => value > threshold,
  GreaterThanOrEqualToThreshold: (value, threshold) => value >= threshold,
  LessThanThreshold: (value, threshold) => value < threshold,
  LessThanOrEqualToThreshold: (value, threshold) => value <= threshold,
};

export interface AlarmSettings {
  readonly name: string;
  readonly comparison: string;
  readonly threshold: number;
  /** Minutes. */
  readonly period: number;
  readonly evaluationPeriods: number;
  readonly datapointsToAlarm: number;
  readonly treatMissingData: TreatMissingData;
  /** The value of the period that ended `age` periods before `now`, where it has one. */
  readonly dataPoint: (age: number, now: number) => number | undefined;
}

/**
 * A metric alarm. It is evaluated every minute, at the minute's end, over whole periods, and looks back further than its
 * evaluation periods when data points are missing.
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/AlarmThatSendsEmail.html#alarm-evaluation
 */
export class Alarm {
  state: AlarmState = "INSUFFICIENT_DATA";
  /** The values that were evaluated last, the newest first. */
  evaluated: readonly number[] = [];
  readonly comparison: (value: number, threshold: number) => boolean;

  constructor(
    readonly settings: AlarmSettings,
    private readonly extraDataPoints: number,
  ) {
    const comparison = COMPARISONS[settings.comparison];
    if (!comparison) throw new Error(`${settings.name}: ${settings.comparison} is not simulated`);
    this.comparison = comparison;
  }

  evaluate(now: number): AlarmState {
    const { evaluationPeriods, dataPoint } = this.settings;
    const length = evaluationPeriods + this.extraDataPoints;
    const range = Array.from({ length }, (_, age) => dataPoint(age, now));
    return this.judge(range);
  }

  /** @param range the data points of the evaluation range, the newest first */
  judge(range: readonly (number | undefined)[]): AlarmState {
    const { evaluationPeriods, datapointsToAlarm, treatMissingData } = this.settings;
    const real = range.filter((value) => value !== undefined).slice(0, evaluationPeriods);
    const breaching = real.filter((value) => this.breaches(value)).length;
    const filled = evaluationPeriods - real.length;
    this.evaluated = real;
    if (breaching + (treatMissingData === "breaching" ? filled : 0) >= datapointsToAlarm) this.state = "ALARM";
    else if (filled === 0 || treatMissingData === "notBreaching" || treatMissingData === "breaching") this.state = "OK";
    else if (breaching < real.length) this.state = "OK";
    else if (treatMissingData === "missing") this.state = this.premature(range) ? "ALARM" : "INSUFFICIENT_DATA";
    return this.state;
  }

  breaches(value: number): boolean {
    return this.comparison(value, this.settings.threshold);
  }

  /** An old breach that nothing has contradicted since ("Avoiding premature transitions to alarm state"). */
  private premature(range: readonly (number | undefined)[]): boolean {
    const oldest = range.findLastIndex((value) => value !== undefined);
    return oldest + 1 >= this.settings.datapointsToAlarm;
  }
}

/** The minutes that a period covers: the first, and the one after the last. */
export function periodBefore(age: number, period: number, now: number): [number, number] {
  const end = Math.floor(now / MINUTE) - age * period;
  return [end - period, end];
}
