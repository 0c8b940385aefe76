import { Testing } from "cdktf";
import { type AlarmSpec, Monitoring, type MonitoringProps } from "../../modules/monitoring";
import { Queue } from "../../modules/sqs";
import { inStack, parsed } from "../support/module";
import { Thing, metric } from "../support/thing";

const ADDRESSES = { alarms: { atLeast: "warning", email: "ops@example.com" } } as const;

/** A stack that watches the queue `flows`. */
const watched = (props?: MonitoringProps) =>
  inStack((stack) => new Monitoring(stack, "monitoring", props).watch(new Queue(stack, "flows")));

const spec: AlarmSpec = { id: "cpu", description: "Busy", metric, threshold: 80, minutes: 5, severity: "warning" };

const alarmOf = (changes: Partial<AlarmSpec>) =>
  inStack((stack) =>
    new Monitoring(stack, "monitoring", ADDRESSES).watch(new Thing(stack, "api", [{ ...spec, ...changes }])),
  );

test("without alarms there are none, and nothing to send them with, but always one dashboard", () => {
  const { all, errors } = watched();
  expect(errors).toEqual([]);
  for (const type of ["aws_cloudwatch_metric_alarm", "aws_sns_topic", "aws_kms_key"]) expect(all(type)).toEqual({});
  expect(Object.keys(all("aws_cloudwatch_dashboard"))).toEqual(["monitoring"]);
});

test("an alarm has the address and the name of what is watched, whatever else has its id there", () => {
  const { all, errors } = watched(ADDRESSES);
  expect(errors).toEqual([]);
  const names = Object.entries(all("aws_cloudwatch_metric_alarm")).map(([id, { alarm_name }]) => [id, alarm_name]);
  expect(names.sort()).toEqual([
    ["flows_backlog", "fb-dev-flows-backlog"],
    ["flows_dead-letters", "fb-dev-flows-dead-letters"],
    ["flows_late", "fb-dev-flows-late"],
  ]);
});

test("an alarm looks at a data point a minute, or as seldom as AWS sends one", () => {
  const periods = (changes: Partial<AlarmSpec>) => {
    const { period, evaluation_periods } = alarmOf({ minutes: 15, ...changes }).only("aws_cloudwatch_metric_alarm");
    return [period, evaluation_periods];
  };
  expect(periods({})).toEqual([60, 15]);
  expect(periods({ every: 5 })).toEqual([300, 3]);
});

test("an alarm tells the topic when it goes off and when all is well again", () => {
  const { all } = watched(ADDRESSES);
  const topic = ["${aws_sns_topic.monitoring_alarms.arn}"];
  for (const alarm of Object.values(all("aws_cloudwatch_metric_alarm"))) {
    expect(alarm).toMatchObject({ alarm_actions: topic, ok_actions: topic });
  }
});

test("with atLeast critical, nobody is told of warnings", () => {
  const { all } = watched({ alarms: { ...ADDRESSES.alarms, atLeast: "critical" } });
  expect(Object.keys(all("aws_cloudwatch_metric_alarm"))).toEqual(["flows_dead-letters", "flows_late"]);
});

test("an alarm is what its spec says: one data point a minute, above the threshold, no data is well", () => {
  expect(alarmOf({}).only("aws_cloudwatch_metric_alarm")).toEqual(
    expect.objectContaining({
      alarm_description: "Busy",
      namespace: "AWS/ECS",
      metric_name: "CPUUtilization",
      dimensions: { ServiceName: "api" },
      statistic: "Average",
      period: 60,
      evaluation_periods: 5,
      threshold: 80,
      comparison_operator: "GreaterThanThreshold",
      treat_missing_data: "notBreaching",
    }),
  );
});

test("below, silence and percentiles are said in CloudWatch's words", () => {
  const alarm = alarmOf({ when: "below", missing: "alarm", metric: { ...metric, statistic: "p99" } });
  const args = alarm.only("aws_cloudwatch_metric_alarm");
  expect(args).toMatchObject({
    comparison_operator: "LessThanThreshold",
    treat_missing_data: "breaching",
    extended_statistic: "p99",
  });
  expect(args).not.toHaveProperty("statistic");
});

test("an alarm that would look back more than a day is an error", () => {
  expect(alarmOf({ minutes: 1440 }).errors).toEqual([]);
  expect(alarmOf({ minutes: 1441 }).errors).toEqual([
    expect.stringContaining("api: cpu: minutes: expected an integer from 1 to 1440, got 1441."),
  ]);
});

test("the topic's key is rotated and used by CloudWatch and EventBridge alone, for this topic alone", () => {
  const { only } = watched(ADDRESSES);
  expect(only("aws_sns_topic")).toMatchObject({ kms_master_key_id: "${aws_kms_key.monitoring_alarms_key.arn}" });
  const key = only("aws_kms_key");
  expect(key).toMatchObject({ enable_key_rotation: true });
  const { Statement } = parsed(key, "policy") as { Statement: { Action: string[]; Sid: string }[] };
  const topic = {
    "kms:EncryptionContext:aws:sns:topicArn": "arn:aws:sns:eu-west-1:111111111111:fb-dev-monitoring-alarms",
  };
  const account = { "aws:SourceAccount": "111111111111" };
  expect(Statement.filter(({ Action }) => Action.includes("kms:Decrypt"))).toMatchObject([
    { Principal: { Service: "cloudwatch.amazonaws.com" }, Condition: { StringEquals: { ...topic, ...account } } },
    { Principal: { Service: "events.amazonaws.com" }, Condition: { StringEquals: topic } },
  ]);
  expect(JSON.stringify(Statement)).not.toMatch(/kms:[A-Za-z]*\*/);
});

test("the account keeps the right to change the key's policy: else nobody could mend or delete it", () => {
  const { Statement } = parsed(watched(ADDRESSES).only("aws_kms_key"), "policy") as { Statement: object[] };
  expect(Statement[0]).toMatchObject({
    Principal: { AWS: "arn:aws:iam::111111111111:root" },
    Action: expect.arrayContaining(["kms:PutKeyPolicy", "kms:ScheduleKeyDeletion", "kms:DescribeKey"]) as string[],
  });
});

test("EventBridge's statements carry no account: it sends none, and its messages would be lost without an error", () => {
  const { only } = watched(ADDRESSES);
  for (const policy of [parsed(only("aws_kms_key"), "policy"), parsed(only("aws_sns_topic"), "policy")]) {
    const { Statement } = policy as { Statement: { Sid: string }[] };
    const eventBridge = Statement.find(({ Sid }) => Sid === "EventBridge");
    expect(eventBridge).toBeDefined();
    expect(JSON.stringify(eventBridge)).not.toContain("aws:Source");
  }
});

test("the topic is published to by CloudWatch's alarms of this account and by EventBridge, and over TLS only", () => {
  const arn = "arn:aws:sns:eu-west-1:111111111111:fb-dev-monitoring-alarms";
  const publish = { Action: "sns:Publish", Resource: arn };
  expect(parsed(watched(ADDRESSES).only("aws_sns_topic"), "policy")).toMatchObject({
    Statement: [
      {
        Effect: "Allow",
        Principal: { Service: "cloudwatch.amazonaws.com" },
        ...publish,
        Condition: { StringEquals: { "aws:SourceAccount": "111111111111" } },
      },
      { Effect: "Allow", Principal: { Service: "events.amazonaws.com" }, ...publish },
      { Effect: "Deny", Principal: "*", ...publish, Condition: { Bool: { "aws:SecureTransport": "false" } } },
    ],
  });
});

test("the address of the environment is told by e-mail", () => {
  expect(watched(ADDRESSES).only("aws_sns_topic_subscription")).toMatchObject({
    topic_arn: "${aws_sns_topic.monitoring_alarms.arn}",
    protocol: "email",
    endpoint: "ops@example.com",
  });
});

test.each([undefined, "", "ops", "ops@example", "a b@example.com"])("alarms for %p are an error", (email) => {
  expect(watched({ alarms: { atLeast: "warning", email } }).errors).toEqual([
    expect.stringContaining("monitoring: alarms.email: expected an e-mail address"),
  ]);
});

test.each(["loud", "toString", "constructor", "__proto__"])("the unknown severity %s is an error", (severity) => {
  const atLeast = severity as "critical";
  expect(watched({ alarms: { ...ADDRESSES.alarms, atLeast } }).errors).toEqual([
    expect.stringContaining(`monitoring: alarms.atLeast: expected critical or warning, got "${severity}"`),
  ]);
});

test("it works without a stack that knows its account and region", () => {
  const json = Testing.synthScope((scope) =>
    new Monitoring(scope, "monitoring", ADDRESSES).watch(new Queue(scope, "flows")),
  );
  expect(json).toContain("${data.aws_region.this-region.name}");
});
