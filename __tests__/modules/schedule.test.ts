import { join } from "node:path";
import { type AlarmSpec } from "../../modules/monitoring";
import { Function } from "../../modules/lambda";
import { Network } from "../../modules/networking";
import { Schedule, type ScheduleProps } from "../../modules/schedule";
import { parseExpression } from "../../modules/schedule/expression";
import { inStack, parsed } from "../support/module";

function schedule(props: Partial<ScheduleProps> = {}) {
  let alarms: AlarmSpec[] = [];
  const made = inStack((stack) => {
    const network = new Network(stack, "network", { cidr: "10.0.0.0/16", zones: 2, nat: "none" });
    const entry = join(__dirname, "../../functions/flow-builder/scheduler/handler.ts");
    const target = new Function(stack, "scheduler", { network, entry, memory: 128, timeout: 50, logRetentionDays: 7 });
    alarms = new Schedule(stack, "every-minute", { expression: "rate(1 minute)", target, ...props }).alarms();
  });
  return { ...made, alarms };
}

test("it runs its function on time, under a role that may do nothing else", () => {
  const { only, all, errors } = schedule();
  expect(errors).toEqual([]);
  expect(only("aws_scheduler_schedule")).toMatchObject({
    name: "fb-dev-every-minute",
    group_name: "${aws_scheduler_schedule_group.every-minute_group.name}",
    schedule_expression: "rate(1 minute)",
    schedule_expression_timezone: "UTC",
    state: "ENABLED",
    flexible_time_window: { mode: "OFF" },
    target: { arn: "${aws_lambda_alias.scheduler_alias.arn}", role_arn: "${aws_iam_role.every-minute_role.arn}" },
    depends_on: ["aws_iam_role_policy.every-minute_role_scheduler-invoke"],
  });
  const ofRole = Object.entries(all("aws_iam_role_policy")).filter(([id]) => id.startsWith("every-minute_"));
  expect(ofRole.map(([, policy]) => parsed(policy, "policy"))).toEqual([
    {
      Version: "2012-10-17",
      Statement: [
        { Effect: "Allow", Action: ["lambda:InvokeFunction"], Resource: ["${aws_lambda_alias.scheduler_alias.arn}"] },
      ],
    },
  ]);
});

test.each([
  ["rate(1 minute)", 60],
  ["rate(10 minutes)", 600],
  ["rate(30 days)", 86_400],
  ["cron(0 6 ? * MON-FRI *)", 3600],
])("a run of %s that could not be started is dropped after %i s", (expression, seconds) => {
  expect(schedule({ expression }).only("aws_scheduler_schedule")).toMatchObject({
    target: { retry_policy: { maximum_event_age_in_seconds: seconds } },
  });
});

test("a run that could not be started can be kept, in a queue that only its schedule writes to and somebody is told of", () => {
  const { only, all, alarms } = schedule({ keepsDropped: true, retry: { attempts: 3, maxAge: 600 } });
  expect(only("aws_scheduler_schedule")).toMatchObject({
    target: {
      retry_policy: { maximum_event_age_in_seconds: 600, maximum_retry_attempts: 3 },
      dead_letter_config: { arn: "${aws_sqs_queue.every-minute_dropped.arn}" },
    },
  });
  expect(only("aws_sqs_queue")).toMatchObject({ name: "fb-dev-every-minute-dropped", sqs_managed_sse_enabled: true });
  expect(parsed(all("aws_iam_role_policy")["every-minute_role_every-minute-dropped-send"], "policy")).toMatchObject({
    Statement: [{ Action: ["sqs:SendMessage"], Resource: ["${aws_sqs_queue.every-minute_dropped.arn}"] }],
  });
  expect(alarms.map(({ id }) => id)).toEqual(["silent", "dropped"]);
});

test.each([
  [{ attempts: 186, maxAge: 60 }, "retry.attempts: expected an integer from 0 to 185, got 186."],
  [{ attempts: 1, maxAge: 59 }, "retry.maxAge: expected an integer from 60 to 86400 seconds, got 59."],
])("the retries %j are an error that says what may be", (retry, message) => {
  expect(schedule({ retry }).errors).toEqual([expect.stringContaining(`every-minute: ${message}`)]);
});

test("paused is data, and a paused schedule is silent without an alarm", () => {
  const { only, alarms } = schedule({ paused: true });
  expect(only("aws_scheduler_schedule")).toMatchObject({ state: "DISABLED" });
  expect(alarms).toEqual([]);
});

test("silence is an alarm: no run, and no run without an error, for three intervals and at least five minutes", () => {
  expect(schedule().alarms).toMatchObject([
    {
      id: "silent",
      metric: { name: "Errors", statistic: "Minimum", dimensions: { FunctionName: "fb-dev-scheduler" } },
      threshold: 0,
      minutes: 5,
      missing: "alarm",
      severity: "critical",
    },
  ]);
  expect(schedule({ expression: "rate(8 hours)" }).alarms).toMatchObject([{ minutes: 1440 }]);
});

test("where an alarm cannot look back three intervals there is none", () => {
  expect(schedule({ expression: "rate(9 hours)" }).alarms).toEqual([]);
  expect(schedule({ expression: "cron(0 6 * * ? *)" }).alarms).toEqual([]);
});

test("a wrong expression and a wrong time zone are both told", () => {
  expect(schedule({ expression: "rate(1 minutes)", timezone: "Europe/Berlln" }).errors).toEqual([
    expect.stringMatching(/^every-minute: expression: expected .*singular for 1.*, got "rate\(1 minutes\)"\./),
    expect.stringMatching(/^every-minute: timezone: expected an IANA time zone, got "Europe\/Berlln"\./),
  ]);
  expect(schedule({ timezone: "Europe/Berlin" }).errors).toEqual([]);
});

test.each([
  ["rate(1 minute)", 1],
  ["rate(2 minutes)", 2],
  ["rate(1 hour)", 60],
  ["rate(3 hours)", 180],
  ["rate(1 day)", 1440],
])("%s is every %i minutes", (expression, minutes) => {
  expect(parseExpression(expression)).toEqual({ minutes });
});

test.each([
  "cron(0 6 ? * MON-FRI *)",
  "cron(0/15 * * * ? *)",
  "cron(0 0 L * ? *)",
  "cron(0 0 15W * ? *)",
  "cron(0 0 ? * FRIL *)",
  "cron(0 0 ? * 6#3 *)",
  "cron(0 0 29 2 ? *)",
  "cron(0 0 29W FEB ? *)",
  "cron(0 0 31 2-3 ? *)",
  "cron(0 0 31 2/5 ? *)",
  "cron(0 0 1,31 4 ? *)",
  "cron(0 0 30/1 JUN,SEP ? *)",
])("%s is a schedule without an interval", (expression) => {
  expect(parseExpression(expression)).toEqual({});
});

test.each([
  "cron(*/5 8-17 ? JAN,MAR-MAY 2-6 2030-2040)",
  "cron(0,30 10 1,15 * ? 2199)",
  "cron(0 7 ? * MON-FRI 2026)",
  "at(2026-01-01T00:00:00)",
  "at(2030-01-31T12:00:00)",
  "at(2028-02-29T23:59:59)",
])("%s has a last run", (expression) => {
  expect(parseExpression(expression)).toEqual({ ends: true });
});

test.each([
  ["at(2020-01-01T00:00:00)", /from 2026 on/],
  ["at(2025-12-31T23:59:59)", /from 2026 on/],
  ["cron(0 7 ? * MON-FRI 2020)", /^year from 2026 to 2199/],
  ["cron(0 7 ? * MON-FRI 2019-2025)", /^year from 2026 to 2199/],
  ["cron(0 0 31 2 ? *)", /^a day that one of its months has/],
  ["cron(0 0 30W FEB ? *)", /^a day that one of its months has/],
  ["cron(0 0 31 APR,JUN,9-9,NOV ? *)", /^a day that one of its months has/],
  ["cron(0 0 30-31 2/12 ? *)", /^a day that one of its months has/],
  ["cron(0 0 31 4/5 ? *)", /^a day that one of its months has/],
])("%s never comes, which is told", (expression, expected) => {
  expect(parseExpression(expression)).toEqual(expect.stringMatching(expected));
});

test.each([
  "",
  "every minute",
  "rate(0 minutes)",
  "rate(1 minutes)",
  "rate(5 minute)",
  "rate(1.5 hours)",
  "rate(-1 hours)",
  "rate(5 weeks)",
  "rate(5  minutes)",
  "rate(5 minutes) ",
  "cron(* * * * *)",
  "cron(* * * * * *)",
  "cron(0 6 ? * ? *)",
  "cron(60 6 * * ? *)",
  "cron(0 24 * * ? *)",
  "cron(0 6 0 * ? *)",
  "cron(0 6 32 * ? *)",
  "cron(0 6 32W * ? *)",
  "cron(0 6 * 13 ? *)",
  "cron(0 6 * FEBRUARY ? *)",
  "cron(0 6 ? * 0 *)",
  "cron(0 6 ? * 6#6 *)",
  "cron(0 6 * * ? 1969)",
  "cron(0 6 * * ? 2200)",
  "cron(0 17-8 * * ? *)",
  "cron(0/0 6 * * ? *)",
  "cron(0/60 6 * * ? *)",
  "cron(0-5-9 6 * * ? *)",
  "cron(0, 6 * * ? *)",
  "cron(? 6 * * ? *)",
  "cron(L 6 * * ? *)",
  "at(2030-02-30T12:00:00)",
  "at(2030-01-31T24:00:00)",
  "at(2030-01-31T12:00)",
  "at(2030-01-31T12:00:00Z)",
  undefined,
  7,
])("%p is none", (expression) => {
  expect(parseExpression(expression)).toEqual(expect.any(String));
});
