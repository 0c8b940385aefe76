import { shellLines } from "../../tools/local/env";
import {
  awsEnvironment,
  localEnvironment,
  localVariables,
  serverEnvironment,
} from "../../tools/support/local-environment";

const target = { port: 4600, account: { id: "111111111111", region: "eu-west-1" } };

/** A shell in which somebody works with real AWS. */
const real = {
  PATH: "/usr/bin",
  HOME: "/home/somebody",
  AWS_PROFILE: "production",
  AWS_ACCESS_KEY_ID: "AKIAREAL",
  AWS_SECRET_ACCESS_KEY: "real",
  AWS_SESSION_TOKEN: "real",
  AWS_ROLE_ARN: "arn:aws:iam::333333333333:role/deploy",
  AWS_WEB_IDENTITY_TOKEN_FILE: "/token",
  AWS_CONTAINER_CREDENTIALS_RELATIVE_URI: "/credentials",
  AWS_IGNORE_CONFIGURED_ENDPOINT_URLS: "true",
  AWS_ENDPOINT_URL_S3: "https://s3.eu-west-1.amazonaws.com",
  AWS_CA_BUNDLE: "/etc/ssl/ca.pem",
  TF_VAR_x: "1",
  TF_CLI_ARGS_apply: "-refresh=false",
  TF_WORKSPACE: "other",
  TF_DATA_DIR: "/elsewhere",
  HTTPS_PROXY: "http://proxy:3128",
  NO_PROXY: "intranet",
};

test("a command on the local AWS gets none of the caller's credentials, profiles, roles or endpoints", () => {
  const env = localEnvironment(target, real);
  const values = Object.values(env).join("\n");
  expect(values).not.toMatch(/real|AKIA|production|333333333333|amazonaws/);
  expect(
    Object.keys(env)
      .filter((name) => name.startsWith("AWS_"))
      .sort(),
  ).toEqual([
    "AWS_ACCESS_KEY_ID",
    "AWS_CA_BUNDLE",
    "AWS_CONFIG_FILE",
    "AWS_DEFAULT_REGION",
    "AWS_EC2_METADATA_DISABLED",
    "AWS_ENDPOINT_URL",
    "AWS_REGION",
    "AWS_SECRET_ACCESS_KEY",
    "AWS_SHARED_CREDENTIALS_FILE",
  ]);
  expect(env).toMatchObject({
    AWS_CONFIG_FILE: "/dev/null",
    AWS_SHARED_CREDENTIALS_FILE: "/dev/null",
    PATH: "/usr/bin",
  });
});

test("the local AWS itself gets its settings of the caller's shell, and nothing of AWS", () => {
  const settings = { LOCAL_HOSTS: "hooks.test=93.184.215.14", LOCAL_TASKS: "tasks.json", LOCAL_QUOTAS: "vpcs=2" };
  const { PATH, HOME } = real;
  expect(serverEnvironment({ ...real, ...settings })).toEqual({ PATH, HOME, ...settings });
});

test("nothing of the caller's shell changes what Terraform does", () => {
  const env = localEnvironment(target, real);
  for (const name of ["TF_VAR_x", "TF_CLI_ARGS_apply", "TF_WORKSPACE", "TF_DATA_DIR"])
    expect(env).not.toHaveProperty(name);
});

test("the endpoint is on loopback, and the access key is the account's number", () => {
  expect(localVariables(target, {})).toMatchObject({
    AWS_ENDPOINT_URL: "http://127.0.0.1:4600",
    AWS_ACCESS_KEY_ID: "111111111111",
    AWS_REGION: "eu-west-1",
  });
});

test("a proxy is not asked for the loopback address, and what was excepted stays so", () => {
  expect(localVariables(target, real)).toMatchObject({ NO_PROXY: "intranet,127.0.0.1,localhost" });
});

test("`env` unsets what would lead elsewhere, and only what is set", () => {
  const lines = shellLines(localVariables(target, real), real);
  const unset = String(lines.find((line) => line.startsWith("unset "))).split(" ");
  expect(unset).toEqual(
    expect.arrayContaining(["AWS_PROFILE", "AWS_SESSION_TOKEN", "AWS_ENDPOINT_URL_S3", "TF_WORKSPACE"]),
  );
  expect(unset).not.toEqual(expect.arrayContaining(["AWS_ACCESS_KEY_ID"]));
  expect(shellLines(localVariables(target, {}), {}).some((line) => line.startsWith("unset "))).toBe(false);
});

test("`env` quotes its values for the shell", () => {
  expect(shellLines({ A: "it's $HOME" }, {})).toEqual([`export A='it'\\''s $HOME'`]);
});

test("a TF_CLI_CONFIG_FILE that names no file is unset, or replaced", () => {
  const broken = { TF_CLI_CONFIG_FILE: "/no/such/file" };
  const lines = shellLines(localVariables(target, broken), broken).join("\n");
  expect(lines).toMatch(/^(unset .*TF_CLI_CONFIG_FILE|export TF_CLI_CONFIG_FILE=)/m);
  expect(lines).not.toContain("/no/such/file");
});

test("on real AWS the caller's credentials stay", () => {
  expect(awsEnvironment(real)).toMatchObject({ AWS_PROFILE: "production", AWS_ACCESS_KEY_ID: "AKIAREAL" });
});
