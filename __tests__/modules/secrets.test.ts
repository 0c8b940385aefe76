import { Testing } from "cdktf";
import { Role } from "../../modules/iam";
import { GeneratedPassword, Secret, type SecretProps } from "../../modules/secrets";
import { inStack, parsed } from "../support/module";

const props: SecretProps = { description: "A key", value: "from elsewhere", version: 1, protect: false };
const secret = (more: Partial<SecretProps> = {}) => inStack((stack) => new Secret(stack, "key", { ...props, ...more }));

interface Json {
  ephemeral: Record<string, Record<string, Record<string, unknown>>>;
  resource: Record<string, Record<string, Record<string, unknown>>>;
}

const password = (use: (made: GeneratedPassword) => unknown = () => undefined): Json =>
  JSON.parse(
    Testing.synthScope((scope) => {
      use(new GeneratedPassword(scope, "password", { description: "A password", version: 3, protect: false }));
    }),
  ) as Json;

const single = <T>(byId: Record<string, T> | undefined): [string, T] => {
  const entries = Object.entries(byId ?? {});
  expect(entries).toHaveLength(1);
  return entries[0] as [string, T];
};

test("a value goes into a write-only argument, which Terraform keeps neither in plan nor in state", () => {
  const { only, errors } = secret();
  expect(errors).toEqual([]);
  expect(only("aws_secretsmanager_secret_version")).toEqual(
    expect.objectContaining({ secret_string_wo: "from elsewhere", secret_string_wo_version: 1 }),
  );
  expect(only("aws_secretsmanager_secret_version")).not.toHaveProperty("secret_string");
});

test("a protected secret can be recovered for 30 days, another leaves its name free at once", () => {
  const days = (protect: boolean): unknown =>
    secret({ protect }).only("aws_secretsmanager_secret")["recovery_window_in_days"];
  expect([days(true), days(false)]).toEqual([30, 0]);
});

test("a grant lets a role read this secret's value, and nothing else", () => {
  const { only } = inStack((stack) => {
    const role = new Role(stack, "api", { service: "ecs-tasks.amazonaws.com", description: "The API" });
    new Secret(stack, "key", props).grantRead({ role });
  });
  expect(only("aws_iam_role_policy")).toMatchObject({ name: "key-read", role: "${aws_iam_role.api.name}" });
  expect(parsed(only("aws_iam_role_policy"), "policy")).toMatchObject({
    Statement: [
      {
        Action: ["secretsmanager:GetSecretValue"],
        Resource: ["${aws_secretsmanager_secret_version.key_value.arn}"],
      },
    ],
  });
});

test.each([0, -1, 1.5, NaN, "1", undefined])("%s is no version of a secret", (version) => {
  expect(secret({ version: version as number }).errors).toEqual([
    expect.stringMatching(/^key: version: expected an integer from 1 .* Raise it by one/),
  ]);
});

test("a password is generated while Terraform runs, long and safe in a URL", () => {
  const [id, random] = single(password().ephemeral["aws_secretsmanager_random_password"]);
  expect(random).toEqual({ password_length: 40, exclude_punctuation: true });
  const [, version] = single(password().resource["aws_secretsmanager_secret_version"]);
  expect(version).toMatchObject({
    secret_string_wo: `\${ephemeral.aws_secretsmanager_random_password.${id}.random_password}`,
    secret_string_wo_version: 3,
  });
});

test("a password is used as its secret has it, by the version just written", () => {
  const used = password((made) => [made.value, made.value]);
  const [id] = single(used.resource["aws_secretsmanager_secret_version"]);
  const [, read] = single(used.ephemeral["aws_secretsmanager_secret_version"]);
  expect(read).toEqual({
    secret_id: `\${aws_secretsmanager_secret_version.${id}.secret_id}`,
    version_id: `\${aws_secretsmanager_secret_version.${id}.version_id}`,
  });
});

test("a password that only its secret's readers use is not read by Terraform, whose plan needs no right to it", () => {
  expect(Object.keys(password().ephemeral)).toEqual(["aws_secretsmanager_random_password"]);
});
