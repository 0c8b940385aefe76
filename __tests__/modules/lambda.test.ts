import { join } from "node:path";
import { Testing } from "cdktf";
import { type Construct } from "constructs";
import { RESOURCELESS_ACTIONS } from "../../modules/iam";
import { Function, type FunctionProps } from "../../modules/lambda";
import { Network } from "../../modules/networking";
import { Queue } from "../../modules/sqs";
import { type Arguments } from "../support/synth";
import { inStack, parsed } from "../support/module";

const SOURCE = join(__dirname, "../../functions/flow-builder/scheduler/handler.ts");

function made(scope: Construct, props: Partial<FunctionProps> = {}): Function {
  const network = new Network(scope, "network", { cidr: "10.0.0.0/16", zones: 2, nat: "none" });
  const base = { network, entry: SOURCE, memory: 256, timeout: 50, logRetentionDays: 7 };
  return new Function(scope, "scheduler", { ...base, ...props });
}

const scheduler = (props?: Partial<FunctionProps>) => inStack((stack) => made(stack, props));
const variables = (args: Arguments): unknown => (args["environment"] as { variables: unknown }).variables;

test("a function runs on the newest Node.js, on arm64, in the private subnets, with a group that lets nobody in", () => {
  const { only, all, errors } = scheduler();
  expect(errors).toEqual([]);
  expect(only("aws_lambda_function")).toMatchObject({
    function_name: "fb-dev-scheduler",
    runtime: "nodejs22.x",
    architectures: ["arm64"],
    memory_size: 256,
    timeout: 50,
    vpc_config: {
      subnet_ids: [
        expect.stringContaining("aws_route_table_association.network_private-a-association"),
        expect.stringContaining("aws_route_table_association.network_private-b-association"),
      ],
      security_group_ids: ["${aws_security_group.scheduler_security-group.id}"],
    },
  });
  expect(all("aws_vpc_security_group_ingress_rule")).toEqual({});
  expect(only("aws_vpc_security_group_egress_rule")).toMatchObject({ ip_protocol: "-1", cidr_ipv4: "0.0.0.0/0" });
});

test("its code is a zip beside the synthesized JSON, with the hash that Lambda will tell", () => {
  const { filename, source_code_hash, handler } = scheduler().only("aws_lambda_function");
  expect(handler).toBe("index.handler");
  expect(filename).toMatch(/^assets\/.*\.zip$/);
  expect(Buffer.from(String(source_code_hash), "base64")).toHaveLength(32);
});

test("its log has a retention, is there before the function, and is all that it may write to", () => {
  const { only, all } = scheduler();
  expect(all("aws_cloudwatch_log_group")["scheduler_logs"]).toMatchObject({
    name: "/aws/lambda/fb-dev-scheduler",
    retention_in_days: 7,
  });
  expect(only("aws_lambda_function")).toMatchObject({
    logging_config: { log_format: "JSON", log_group: "/aws/lambda/fb-dev-scheduler" },
    depends_on: expect.arrayContaining(["aws_cloudwatch_log_group.scheduler_logs"]) as string[],
  });
  expect(parsed(all("aws_iam_role_policy")["scheduler_role_write-logs"], "policy")).toMatchObject({
    Statement: [
      {
        Action: ["logs:CreateLogStream", "logs:PutLogEvents"],
        Resource: ["${aws_cloudwatch_log_group.scheduler_logs.arn}:log-stream:*"],
      },
    ],
  });
});

test("Lambda finds the permissions that it checks when it attaches the function to the network", () => {
  const { only, all } = scheduler();
  const policy = parsed(all("aws_iam_role_policy")["scheduler_role_attach-to-network"], "policy") as {
    Statement: { Action: string[] }[];
  };
  const actions = policy.Statement.flatMap(({ Action }) => Action);
  expect(actions).toContain("ec2:CreateNetworkInterface");
  for (const action of actions) expect([...RESOURCELESS_ACTIONS]).toContain(action);
  expect(only("aws_lambda_function")["depends_on"]).toEqual(
    expect.arrayContaining([
      "aws_iam_role_policy.scheduler_role_write-logs",
      "aws_iam_role_policy.scheduler_role_attach-to-network",
    ]),
  );
});

test("its own code may not use what Lambda may do to network interfaces", () => {
  const { Statement: statements } = parsed(
    scheduler().all("aws_iam_role_policy")["scheduler_role_attach-to-network"],
    "policy",
  ) as { Statement: { Effect: string; Action: string[]; Resource: string[]; Condition?: object }[] };
  expect(statements.map(({ Effect }) => Effect)).toEqual(["Allow", "Deny"]);
  const [allowed, denied] = statements;
  expect(denied).toEqual({
    ...allowed,
    Effect: "Deny",
    Condition: {
      ArnEquals: {
        "lambda:SourceFunctionArn": expect.stringMatching(/^arn:aws:lambda:.+:function:fb-dev-scheduler$/) as string,
      },
    },
  });
  expect(allowed).not.toHaveProperty("Condition");
});

test("the right to delete its network interfaces outlives its security group, which waits for them", () => {
  const groups = scheduler().all("aws_security_group");
  expect(groups["scheduler_security-group"]).toMatchObject({
    depends_on: ["aws_iam_role_policy.scheduler_role_attach-to-network"],
  });
});

test("nothing else is allowed to it until it is granted", () => {
  const ids = (build: (stack: Construct) => void): string[] =>
    Object.keys(inStack(build).all("aws_iam_role_policy")).sort();
  expect(ids((stack) => made(stack))).toEqual(["scheduler_role_attach-to-network", "scheduler_role_write-logs"]);
  expect(ids((stack) => new Queue(stack, "flows").grantSend(made(stack)))).toContain("scheduler_role_flows-send");
});

test("its environment is what it is given, and readable stack traces", () => {
  const { only } = scheduler({ environment: { QUEUE_URL: "https://sqs.example" } });
  expect(variables(only("aws_lambda_function"))).toEqual({
    QUEUE_URL: "https://sqs.example",
    NODE_OPTIONS: "--enable-source-maps",
  });
});

test("concurrency and retries are AWS's own unless they are said", () => {
  const { only, all } = scheduler();
  expect(only("aws_lambda_function")).not.toHaveProperty("reserved_concurrent_executions");
  expect(all("aws_lambda_function_event_invoke_config")).toEqual({});

  const said = scheduler({ reservedConcurrency: 1, asynchronous: { retries: 0, maxAge: 60 } });
  expect(said.only("aws_lambda_function")).toMatchObject({ reserved_concurrent_executions: 1 });
  expect(said.only("aws_lambda_function_event_invoke_config")).toMatchObject({
    maximum_retry_attempts: 0,
    maximum_event_age_in_seconds: 60,
  });
});

test.each<[Partial<FunctionProps>, string]>([
  [{ memory: 127 }, "scheduler: memory: expected an integer from 128 to 10240 MiB, got 127."],
  [{ memory: 10_241 }, "scheduler: memory: expected an integer from 128 to 10240 MiB, got 10241."],
  [{ timeout: 0 }, "scheduler: timeout: expected an integer from 1 to 900 seconds, got 0."],
  [{ timeout: 901 }, "scheduler: timeout: expected an integer from 1 to 900 seconds, got 901."],
  [{ timeout: "9" as unknown as number }, 'scheduler: timeout: expected an integer from 1 to 900 seconds, got "9".'],
  [{ reservedConcurrency: 0 }, "scheduler: reservedConcurrency: expected an integer from 1"],
  [{ asynchronous: { retries: 3, maxAge: 60 } }, "scheduler: asynchronous.retries: expected an integer from 0 to 2"],
  [
    { asynchronous: { retries: 0, maxAge: 59 } },
    "scheduler: asynchronous.maxAge: expected an integer from 60 to 21600",
  ],
  [{ logRetentionDays: 8 }, "scheduler: logRetentionDays: expected one of 1, 3, 5, 7, 14"],
  [{ entry: "/nowhere/handler.ts" }, "entry: expected the path of a source that can be bundled"],
])("%j is an error that says what may be", (props, message) => {
  expect(scheduler(props).errors).toEqual([expect.stringContaining(message)]);
});

test.each([
  [{ DATABASE_PASSWORD: "hunter2" }],
  [{ JWT_SECRET: "hunter2" }],
  [{ STRIPE_API_KEY: "hunter2" }],
  [{ GITHUB_TOKEN: "hunter2" }],
  [{ DATABASE_URL: "postgresql://flows:hunter2@database:5432/flows" }],
  [{ REDIS_URL: "rediss://:hunter2@cache:6379" }],
])("%j is an error that never repeats the secret", (environment) => {
  const { errors } = scheduler({ environment });
  expect(errors).toEqual([
    expect.stringMatching(/^scheduler: environment: [A-Z_]+: expected no secret.*got "what looks like a secret".*_ARN/),
  ]);
  expect(errors.join()).not.toContain("hunter2");
});

test.each([
  [{ DATABASE_SECRET_ARN: "arn:aws:secretsmanager:eu-west-1:111111111111:secret:url-AbCdEf" }],
  [{ QUEUE_URL: "https://sqs.eu-west-1.amazonaws.com/111111111111/flows" }],
  [{ REDIS_URL: "rediss://cache:6379" }],
  [{ TOKEN_LIFETIME: "3600" }],
])("%j is no secret", (environment) => {
  expect(scheduler({ environment }).errors).toEqual([]);
});

test.each(["AWS_REGION", "LAMBDA_TASK_ROOT", "_HANDLER", "NODE_OPTIONS", "a-b", "9LIVES", ""])(
  "the environment may not set %p",
  (name) => {
    expect(scheduler({ environment: { [name]: "x" } }).errors).toEqual([
      expect.stringContaining("scheduler: environment: expected names of letters, digits and _"),
    ]);
  },
);

test("its alarms look at its own runs, and at a duration near its timeout", () => {
  inStack((stack) => {
    const alarms = made(stack).alarms();
    expect(alarms.map(({ id, threshold }) => [id, threshold])).toEqual([
      ["errors", 0],
      ["throttles", 0],
      ["slow", 40_000],
    ]);
    for (const { metric } of alarms) expect(metric.dimensions).toEqual({ FunctionName: "fb-dev-scheduler" });
  });
});

test("it works without a stack that knows its account and region", () => {
  expect(Testing.synthScope((scope) => made(scope))).toContain('"function_name": "stack-scheduler"');
});
