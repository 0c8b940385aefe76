import { SsmParameter } from "@cdktf/provider-aws/lib/ssm-parameter";
import { Service } from "../../modules/ecs";
import { Role } from "../../modules/iam";
import { Aurora } from "../../modules/rds";
import { RotatedLogin, type RotatedLoginProps } from "../../modules/secrets";
import { inStack, parsed } from "../support/module";
import { surroundings } from "../support/services";
import { type Arguments } from "../support/synth";

type Settings = Partial<Record<keyof RotatedLoginProps, unknown>>;

const SECRET = "${aws_secretsmanager_secret.login.arn}";
/** The secret's ARN, as the function tells it when there is a value. */
const AFTERWARDS = "jsondecode(aws_lambda_invocation.login_first-value.result).arn";

const login = (
  settings: Settings = {},
  use: (login: RotatedLogin, common: ReturnType<typeof surroundings>) => void = () => undefined,
) =>
  inStack((stack) => {
    const common = surroundings(stack);
    const { network } = common;
    const capacity = { min: 0.5, max: 2 };
    const kept = { backupDays: 1, protect: false, logRetentionDays: 7 };
    const database = new Aurora(stack, "database", { network, capacity, ...kept });
    const defaults = { database, network, rotateEvery: 30, protect: false, logRetentionDays: 30 };
    use(new RotatedLogin(stack, "login", { ...defaults, ...settings } as RotatedLoginProps), common);
  });

const statements = (args: Arguments | undefined) =>
  (parsed(args, "policy") as { Statement: { Action: string[]; Resource: string[] }[] }).Statement;

test("Terraform makes the secret and never writes it", () => {
  const made = login();
  expect(made.errors).toEqual([]);
  expect(made.all("aws_secretsmanager_secret")["login"]).toMatchObject({ name: "fb-dev-login" });
  expect(Object.keys(made.all("aws_secretsmanager_secret_version"))).toEqual(["url_value"]);
});

test("the function rotates this secret, for Secrets Manager of this account alone", () => {
  const made = login();
  expect(made.only("aws_secretsmanager_secret_rotation")).toMatchObject({
    secret_id: `\${${AFTERWARDS}}`,
    rotation_lambda_arn: "${aws_lambda_alias.login_function_alias.arn}",
    rotation_rules: { automatically_after_days: 30 },
    rotate_immediately: false,
    depends_on: ["aws_lambda_permission.login_function_rotate"],
  });
  expect(made.only("aws_lambda_permission")).toMatchObject({
    principal: "secretsmanager.amazonaws.com",
    source_arn: SECRET,
  });
});

test("the first value is made while Terraform applies, after the function may do so and somebody answers", () => {
  const invocation = login().only("aws_lambda_invocation");
  expect(invocation).toMatchObject({
    input: '{"ensure":true}',
    lifecycle_scope: "CREATE_ONLY",
    qualifier: "${aws_lambda_alias.login_function_alias.name}",
  });
  expect(invocation["depends_on"]).toEqual([
    "aws_iam_role_policy.login_function_role_rotate",
    "aws_iam_role_policy.login_function_role_master-login-read",
    "aws_vpc_security_group_ingress_rule.database_access_from-login-function",
  ]);
  expect(invocation["triggers"]).toEqual({
    secret: "${aws_secretsmanager_secret.login.id}",
    database: "${aws_rds_cluster.database.master_user_secret[0].secret_arn}",
  });
});

test("the function may do what a rotation takes with these two secrets, and nothing else", () => {
  const policies = login().all("aws_iam_role_policy");
  expect(statements(policies["login_function_role_rotate"])).toEqual([
    {
      Effect: "Allow",
      Action: [
        "secretsmanager:DescribeSecret",
        "secretsmanager:GetSecretValue",
        "secretsmanager:PutSecretValue",
        "secretsmanager:UpdateSecretVersionStage",
      ],
      Resource: [SECRET],
    },
  ]);
  expect(statements(policies["login_function_role_master-login-read"])).toMatchObject([
    {
      Action: ["secretsmanager:GetSecretValue"],
      Resource: ["${aws_rds_cluster.database.master_user_secret[0].secret_arn}"],
    },
  ]);
  expect(
    Object.keys(policies)
      .filter((id) => id.startsWith("login_function_role_"))
      .sort(),
  ).toEqual([
    "login_function_role_attach-to-network",
    "login_function_role_master-login-read",
    "login_function_role_rotate",
    "login_function_role_write-logs",
  ]);
});

test("the function is told where the database answers, and no secret", () => {
  const made = login();
  const { environment } = made.only("aws_lambda_function") as { environment: { variables: Record<string, string> } };
  expect(environment.variables).toMatchObject({
    LOGIN_SECRET_ARN: SECRET,
    DATABASE_HOST: expect.stringMatching(/aws_rds_cluster\.database\.endpoint/) as string,
    DATABASE_PORT: "${aws_rds_cluster.database.port}",
    DATABASE_NAME: "app",
    OWNER: "app",
    SERVICES: "",
  });
});

test("a service gets the ready URL out of the JSON, waits for it, and may read this secret", () => {
  const made = login({}, ({ url }, common) => {
    new Service(common.network.node.scope as never, "worker", { ...common, secrets: { DATABASE_URL: url } });
  });
  expect(made.errors).toEqual([]);
  expect(String(made.only("aws_ecs_task_definition")["container_definitions"])).toContain(
    `"valueFrom" = "\${${AFTERWARDS}}:DATABASE_URL::"`,
  );
  const policy = made.all("aws_iam_role_policy")["worker_task_execution-role_login-read"];
  expect(String(policy?.["policy"])).toContain(AFTERWARDS);
});

test("services are rolled by their names, which need not wait for them, and the function may do that to these alone", () => {
  const made = login({}, (rotated, common) => {
    const stack = common.network.node.scope as never;
    const secrets = { DATABASE_URL: rotated.url };
    rotated.rolls(
      new Service(stack, "worker", { ...common, secrets }),
      new Service(stack, "mailer", { ...common, secrets }),
    );
  });
  const arn = (name: string) =>
    `arn:aws:ecs:eu-west-1:111111111111:service/\${aws_ecs_cluster.cluster.name}/fb-dev-${name}`;
  const policies = made.all("aws_iam_role_policy");
  for (const name of ["worker", "mailer"]) {
    expect(statements(policies[`login_function_role_${name}-roll`])).toEqual([
      { Effect: "Allow", Action: ["ecs:UpdateService"], Resource: [arn(name)] },
    ]);
  }
  const { environment } = made.only("aws_lambda_function") as { environment: { variables: Record<string, string> } };
  expect(environment.variables["SERVICES"]).toBe(`${arn("worker")},${arn("mailer")}`);
});

test("a function reads the whole secret, and a role is granted it once", () => {
  const made = login({}, ({ secret, url }, { network }) => {
    const stack = network.node.scope as never;
    const role = new Role(stack, "reader", { service: "lambda.amazonaws.com", description: "Reads" });
    secret.grantRead({ role });
    url.grantReadTo(role);
    secret.key("host").grantReadTo(role);
    new SsmParameter(stack, "arn", { name: "arn", type: "String", insecureValue: secret.arn });
  });
  const policies = Object.entries(made.all("aws_iam_role_policy")).filter(([id]) => id.startsWith("reader_"));
  expect(policies.map(([id]) => id)).toEqual(["reader_login-read"]);
  expect(made.all("aws_ssm_parameter")["arn"]).toMatchObject({ insecure_value: `\${${AFTERWARDS}}` });
});

test("a protected secret can be recovered for 30 days, another leaves its name free at once", () => {
  const days = (protect: boolean) =>
    login({ protect }).all("aws_secretsmanager_secret")["login"]?.["recovery_window_in_days"];
  expect([days(true), days(false)]).toEqual([30, 0]);
});

test("a rotation may be due on a day and hour, within an hour", () => {
  expect(login({ rotateEvery: "cron(0 3 ? * SUN *)" }).only("aws_secretsmanager_secret_rotation")).toMatchObject({
    rotation_rules: { schedule_expression: "cron(0 3 ? * SUN *)", duration: "1h" },
  });
});

test.each([
  [0],
  [1001],
  [1.5],
  [NaN],
  [undefined],
  ["30"],
  ["rate(30 days)"],
  ["cron(30 3 ? * SUN *)"],
  ["cron(0 3 ? * SUN 2030)"],
  ["cron(0 * * * ? *)"],
  ["cron(0 25 ? * SUN *)"],
])("%p is no time to rotate", (rotateEvery) => {
  expect(login({ rotateEvery }).errors).toEqual([
    expect.stringMatching(/^login: rotateEvery: expected a number of days from 1 to 1000, or a cron\(\)/),
  ]);
});

test("a failed rotation is told, with where to look first", () => {
  login({}, (rotated) => {
    expect(rotated.alarms()).toEqual([
      expect.objectContaining({
        id: "rotation-failed",
        threshold: 0,
        metric: expect.objectContaining({ name: "Errors" }) as object,
        description: expect.stringContaining("/aws/lambda/fb-dev-login-function") as string,
      }),
    ]);
    expect(rotated.graphs().length).toBeGreaterThan(0);
  });
});
