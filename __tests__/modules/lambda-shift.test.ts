import { join } from "node:path";
import { Function, type FunctionProps, type ShiftKind } from "../../modules/lambda";
import { Network } from "../../modules/networking";
import { inStack, parsed } from "../support/module";

const SOURCE = join(__dirname, "../../functions/flow-builder/scheduler/handler.ts");

const worker = (props: Partial<FunctionProps>) =>
  inStack((stack) => {
    const network = new Network(stack, "network", { cidr: "10.0.0.0/16", zones: 2, nat: "none" });
    const base = { network, entry: SOURCE, memory: 256, timeout: 50, logRetentionDays: 7 };
    new Function(stack, "worker", { ...base, ...props });
  });

test("whoever runs a function runs its alias, which an apply points at the version that it publishes", () => {
  const { only, all } = worker({});
  expect(only("aws_lambda_function")).toMatchObject({ publish: true });
  expect(only("aws_lambda_alias")).toMatchObject({
    name: "live",
    function_name: "fb-dev-worker",
    function_version: "${aws_lambda_function.worker.version}",
  });
  expect(only("aws_lambda_alias")).not.toHaveProperty("lifecycle");
  expect(all("aws_codedeploy_app")).toEqual({});
});

test("where traffic is shifted, the version and the weights of the alias are not Terraform's", () => {
  const { only } = worker({ shift: "Canary10Percent10Minutes" });
  expect(only("aws_lambda_alias")).toMatchObject({
    lifecycle: { ignore_changes: ["function_version", "routing_config"] },
  });
  expect(only("aws_codedeploy_deployment_group")).toMatchObject({
    deployment_group_name: "live",
    deployment_config_name: "CodeDeployDefault.LambdaCanary10Percent10Minutes",
    deployment_style: { deployment_option: "WITH_TRAFFIC_CONTROL", deployment_type: "BLUE_GREEN" },
    auto_rollback_configuration: { enabled: true },
    alarm_configuration: { enabled: true },
  });
});

test("a new version goes back on alarms that look at it alone, and are quiet while nobody calls", () => {
  const alarms = worker({ shift: "Canary10Percent10Minutes" }).all("aws_cloudwatch_metric_alarm");
  const newest = {
    FunctionName: "fb-dev-worker",
    Resource: "fb-dev-worker:live",
    ExecutedVersion: "${aws_lambda_function.worker.version}",
  };
  expect(alarms).toMatchObject({
    "worker_shift_error-rate": { metric_name: "Errors", statistic: "Average", threshold: 0.05, dimensions: newest },
    worker_shift_latency: { metric_name: "Duration", extended_statistic: "p99", threshold: 2000, dimensions: newest },
  });
  for (const alarm of Object.values(alarms)) {
    expect(alarm).toMatchObject({ evaluation_periods: 5, period: 60, treat_missing_data: "notBreaching" });
  }
});

test("what shifts may point this one alias elsewhere and ask for these alarms, nothing more", () => {
  const policy = parsed(
    worker({ shift: "Linear10PercentEvery3Minutes" }).all("aws_iam_role_policy")["worker_shift_role_shift"],
    "policy",
  );
  expect(policy).toMatchObject({
    Statement: [
      {
        Resource: [
          "arn:aws:lambda:eu-west-1:111111111111:function:fb-dev-worker",
          "arn:aws:lambda:eu-west-1:111111111111:function:fb-dev-worker:*",
        ],
      },
      { Action: ["cloudwatch:DescribeAlarms"], Resource: ["arn:aws:cloudwatch:eu-west-1:111111111111:alarm:*"] },
    ],
  });
});

test.each(["Canary10Percent5Minutes", "Linear10PercentEvery1Minute", "AllAtOnce", "constructor"])(
  "%s, which ends before its alarms can tell, is an error that says why",
  (kind) => {
    expect(worker({ shift: kind as ShiftKind }).errors).toEqual([
      expect.stringMatching(/^worker: shift: expected one of Canary10Percent10Minutes, .* look back 5 minutes/),
    ]);
  },
);

test("X-Ray is switched on together with the right to write to it", () => {
  const { only, all } = worker({ tracing: true });
  expect(only("aws_lambda_function")).toMatchObject({ tracing_config: { mode: "Active" } });
  expect(Object.keys(all("aws_iam_role_policy"))).toContain("worker_role_write-traces");
  expect(worker({}).only("aws_lambda_function")).not.toHaveProperty("tracing_config");
});
