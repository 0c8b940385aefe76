import { type inStack } from "./module";
import { beforeAndAfter } from "./services";
import { type Arguments } from "./synth";

/**
 * CloudWatch and Application Auto Scaling at one minute a step, as far as their documentation tells, driven by the
 * alarms and step policies of one service as they are synthesized. No task runs: the world of the test says what the metrics are.
 */
export class ScalingSimulation {
  desired = 0;
  /** What scaling did: "3: awake 0 → 1". */
  readonly activities: string[] = [];
  private minute = 0;
  private readonly alarms: Alarm[];
  private readonly min: number;
  private readonly max: number;

  constructor(made: ReturnType<typeof inStack>, service: string) {
    const target = made.all("aws_appautoscaling_target")[`${service}_scaling`];
    this.min = Number(beforeAndAfter(target?.["min_capacity"])[1]);
    this.max = Number(beforeAndAfter(target?.["max_capacity"])[1]);
    const policies = made.all("aws_appautoscaling_policy");
    this.alarms = Object.entries(made.all("aws_cloudwatch_metric_alarm"))
      .filter(([id]) => id.startsWith(`${service}_scaling_`))
      .map(([id, args]) => {
        const [action = ""] = args["alarm_actions"] as string[];
        const policy = policies[/aws_appautoscaling_policy\.([\w-]+)\.arn/.exec(action)?.[1] ?? ""];
        if (!policy) throw new Error(`${id} runs no policy`);
        return new Alarm(args, policy);
      });
  }

  /** One minute with these metrics, by name; one that is missing sent nothing. */
  tick(metrics: Readonly<Record<string, number | undefined>>): void {
    for (const alarm of this.alarms) {
      const value = alarm.evaluate(metrics);
      // For scaling, CloudWatch runs the action in every minute that the alarm is on, not only when it goes on.
      if (value !== undefined) this.scale(alarm, value);
    }
    this.minute += 1;
  }

  private scale(alarm: Alarm, value: number): void {
    const wanted = Math.min(this.max, Math.max(this.min, alarm.wanted(this.desired, value)));
    const cooling = this.minute < alarm.coolUntil;
    // During a cooldown an absolute target may still be raised; nothing is removed, and no step is taken twice.
    if (wanted === this.desired || (cooling && !(alarm.absolute && wanted > this.desired))) return;
    this.activities.push(`${String(this.minute)}: ${alarm.name} ${String(this.desired)} → ${String(wanted)}`);
    this.desired = wanted;
    alarm.coolUntil = this.minute + alarm.cooldown;
  }
}

/** CloudWatch looks a little further back than the periods of an alarm when some are missing in them. */
const FURTHER_BACK = 3;

class Alarm {
  readonly name: string;
  readonly absolute: boolean;
  /** Minutes. */
  readonly cooldown: number;
  coolUntil = 0;
  private readonly history: (number | undefined)[] = [];
  private readonly steps: readonly Readonly<Record<string, unknown>>[];

  constructor(
    private readonly args: Arguments,
    policy: Arguments,
  ) {
    const steps = policy["step_scaling_policy_configuration"] as Readonly<Record<string, unknown>>;
    this.name = String(policy["name"]).split("-").at(-1) ?? "";
    this.absolute = steps["adjustment_type"] === "ExactCapacity";
    this.cooldown = Number(steps["cooldown"]) / 60;
    this.steps = steps["step_adjustment"] as typeof this.steps;
  }

  /** The metric's distance from the threshold while the alarm is on. */
  evaluate(metrics: Readonly<Record<string, number | undefined>>): number | undefined {
    this.history.unshift(this.value(metrics));
    const periods = Number(this.args["evaluation_periods"]);
    const range = this.history.slice(0, periods + FURTHER_BACK);
    const real = range.filter((value) => value !== undefined).slice(0, periods);
    const breaching = real.filter((value) => this.breaches(value)).length;
    const missing = this.args["treat_missing_data"] === "breaching" ? periods - real.length : 0;
    if (breaching + missing < Number(this.args["datapoints_to_alarm"])) return undefined;
    return (real[0] ?? Number(this.args["threshold"])) - Number(this.args["threshold"]);
  }

  wanted(desired: number, distance: number): number {
    const below = this.args["comparison_operator"] === "LessThanOrEqualToThreshold";
    const step = this.steps.find((one) => {
      const lower = Number(one["metric_interval_lower_bound"] ?? -Infinity);
      const upper = Number(one["metric_interval_upper_bound"] ?? Infinity);
      return below ? distance > lower && distance <= upper : distance >= lower && distance < upper;
    });
    if (!step) throw new Error(`${this.name}: no step for ${String(distance)}`);
    return (this.absolute ? 0 : desired) + Number(step["scaling_adjustment"]);
  }

  private breaches(value: number): boolean {
    const threshold = Number(this.args["threshold"]);
    switch (this.args["comparison_operator"]) {
      case "GreaterThanThreshold":
        return value > threshold;
      case "LessThanOrEqualToThreshold":
        return value <= threshold;
      default:
        throw new Error(`${this.name}: ${String(this.args["comparison_operator"])} is not simulated`);
    }
  }

  /** The alarm's expression; without a value when one of its metrics has none that no FILL stands in for. */
  private value(metrics: Readonly<Record<string, number | undefined>>): number | undefined {
    const queries = this.args["metric_query"] as {
      id: string;
      expression?: string;
      metric?: { metric_name: string };
    }[];
    const expression = queries.find((query) => query.expression !== undefined)?.expression ?? "";
    const inputs = queries.flatMap(({ id, metric }) => (metric ? [[id, metrics[metric.metric_name]] as const] : []));
    const filled = expression.replace(/FILL\((\w+), 0\)/g, (_, id: string) =>
      String(inputs.find(([name]) => name === id)?.[1] ?? 0),
    );
    const needed = inputs.filter(([id]) => new RegExp(`\\b${id}\\b`).test(filled));
    if (needed.some(([, value]) => value === undefined)) return undefined;
    const formula = needed
      .reduce((text, [id, value]) => text.replaceAll(new RegExp(`\\b${id}\\b`, "g"), String(value)), filled)
      .replace(/^IF\((.*), (.*), 0\)$/, "($1) ? $2 : 0")
      .replaceAll("AND", "&&")
      .replaceAll("OR", "||");
    if (!/^[\d\s.+*<>&|?:()]+$/.test(formula)) throw new Error(`${this.name}: ${formula} is not simulated`);
    return Number(Function(`return ${formula}`)());
  }
}
