import { Alarm, type TreatMissingData } from "../../tools/simulation/alarm";
import { MINUTE } from "../../tools/simulation/cloudwatch";

type Arguments = Readonly<Record<string, unknown>>;

/** A shift as it is synthesized: CodeDeploy's configuration, and the alarms that its group asks for. */
export interface ShiftModel {
  /** "CodeDeployDefault.LambdaCanary10Percent10Minutes" */
  readonly config: string;
  readonly alarms: readonly Arguments[];
}

/** How a version does. */
export interface Behaviour {
  /** The part of its runs that fail, 0 to 1. */
  readonly errors: number;
  /** Milliseconds that a run takes; one in ten takes twice as long. */
  readonly duration: number;
}

export interface ShiftConditions {
  /** Calls of the alias a minute, old version and new together. */
  readonly callsAMinute: number;
  readonly version: Behaviour;
  /** Seconds from the end of a minute until alarms see what was measured in it. Assumed: 0 to 120. */
  readonly publication: number;
  /** Data points that an alarm retrieves beyond its evaluation periods. Assumed: 2 to 5. */
  readonly extraDataPoints: number;
  /** Seconds between two looks of CodeDeploy at the alarms. AWS tells no figure. Assumed: 10 to 60. */
  readonly polls: number;
  /** 0 to 1, uniform. */
  readonly random: () => number;
}

export interface ShiftOutcome {
  /** Seconds after the start of the shift, when all the traffic was taken back; undefined when the version got all of it. */
  readonly takenBack: number | undefined;
  /** The largest part of the traffic that the new version ever had. */
  readonly share: number;
}

interface Minute {
  readonly failures: number;
  readonly durations: readonly number[];
}

/** Seconds after the shift for which the simulation goes on, so that a late alarm shows too. */
const AFTERWARDS = 600;

/** Shifts an alias's traffic to a new version, second by second, as CodeDeploy, Lambda's metrics and CloudWatch do. */
export function simulateShift(model: ShiftModel, conditions: ShiftConditions): ShiftOutcome {
  const { callsAMinute, version, publication, extraDataPoints, polls, random } = conditions;
  const minutes: Minute[] = [];
  const alarms = model.alarms.map((alarm) => alarmOf(alarm, minutes, publication, extraDataPoints));
  const length = lengthOf(model.config);
  let share = 0;
  for (let now = 0; now < length + AFTERWARDS; now++) {
    // A deployment that is complete is not taken back any more.
    if (now >= length) return { takenBack: undefined, share: 1 };
    share = shareAt(model.config, now);
    if (now % MINUTE === 0) {
      if (now > 0) for (const alarm of alarms) alarm.evaluate(now);
      minutes.push(minuteOf(callsAMinute * share, version, random));
    }
    if (now % polls === 0 && alarms.some(({ state }) => state === "ALARM")) return { takenBack: now, share };
  }
  return { takenBack: undefined, share };
}

function minuteOf(mean: number, { errors, duration }: Behaviour, random: () => number): Minute {
  const calls = Math.floor(mean) + (random() < mean % 1 ? 1 : 0);
  const durations = Array.from({ length: calls }, () => duration * (random() < 0.1 ? 2 : 1));
  return { failures: durations.filter(() => random() < errors).length, durations };
}

function alarmOf(args: Arguments, minutes: readonly Minute[], publication: number, extraDataPoints: number): Alarm {
  const { metric_name: metric, period, evaluation_periods: evaluationPeriods } = args;
  if (Number(period) !== MINUTE)
    throw new Error(`${String(args["alarm_name"])}: a period of ${String(period)} s is not simulated`);
  const measured = measure(String(metric), String(args["statistic"] ?? args["extended_statistic"]));
  return new Alarm(
    {
      name: String(args["alarm_name"]),
      comparison: String(args["comparison_operator"]),
      threshold: Number(args["threshold"]),
      period: 1,
      evaluationPeriods: Number(evaluationPeriods),
      datapointsToAlarm: Number(args["datapoints_to_alarm"] ?? evaluationPeriods),
      treatMissingData: String(args["treat_missing_data"]) as TreatMissingData,
      dataPoint: (age, now) => {
        const index = Math.floor(now / MINUTE) - 1 - age;
        const minute = minutes[index];
        const published = (index + 1) * MINUTE + publication <= now;
        return minute && published && minute.durations.length > 0 ? measured(minute) : undefined;
      },
    },
    extraDataPoints,
  );
}

function measure(metric: string, statistic: string): (minute: Minute) => number {
  switch (`${metric} ${statistic}`) {
    // Each run is a data point, 0 or 1.
    case "Errors Average":
      return ({ failures, durations }) => failures / durations.length;
    case "Duration p99":
      return ({ durations }) => [...durations].sort((a, b) => a - b)[Math.ceil(durations.length * 0.99) - 1] ?? 0;
    default:
      throw new Error(`${metric} ${statistic} is not simulated`);
  }
}

/** Seconds until the new version has all the traffic. */
function lengthOf(config: string): number {
  const { percent, minutes, kind } = parsed(config);
  return MINUTE * (kind === "Canary" ? minutes : minutes * Math.ceil((100 - percent) / percent));
}

/** The part of the traffic that the new version has, `now` seconds after the start. */
function shareAt(config: string, now: number): number {
  const { percent, minutes, kind } = parsed(config);
  return (kind === "Canary" ? percent : Math.min(100, percent * (1 + Math.floor(now / MINUTE / minutes)))) / 100;
}

/** https://docs.aws.amazon.com/codedeploy/latest/userguide/deployment-configurations.html */
function parsed(config: string): { kind: string; percent: number; minutes: number } {
  const match = /^CodeDeployDefault\.Lambda(Canary|Linear)(\d+)Percent(?:Every)?(\d+)Minutes?$/.exec(config);
  if (!match) throw new Error(`${config} is not simulated`);
  return { kind: String(match[1]), percent: Number(match[2]), minutes: Number(match[3]) };
}
