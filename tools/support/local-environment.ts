import { devNull } from "node:os";
import type { Account } from "../../environments/environment";
import type { Variables } from "./project";
import { terraformVariables } from "./terraform-cli-config";

/** Where a local AWS listens, and as which account and in which region we talk to it. */
export interface LocalTarget {
  readonly port: number;
  readonly account: Pick<Account, "id" | "region">;
}

/** Variables that would change what Terraform does, or where it goes, behind our back. */
const FOREIGN = /^(AWS_|TF_|CDKTF_|MINISTACK_)/;
/** Of those, the ones that only say how to trust, to log or to find providers. */
const KEPT = new Set(["AWS_CA_BUNDLE", "TF_LOG", "TF_LOG_PATH"]);

/** What the local AWS's own process gets of the caller's environment: how it finds programs, and its settings (local-aws/README.md). */
const SERVER = ["PATH", "HOME", "LANG", "TMPDIR", "LOCAL_HOSTS", "LOCAL_TASKS", "LOCAL_QUOTAS"];

/** No calls home, and no shared plugin cache from cdktf-cli: two `terraform init` side by side would break it. */
const TERRAFORM = { CHECKPOINT_DISABLE: "1", CDKTF_DISABLE_PLUGIN_CACHE_ENV: "1" };

export function endpoint({ port }: Pick<LocalTarget, "port">): string {
  return `http://127.0.0.1:${String(port)}`;
}

/**
 * What makes the AWS CLI, Terraform and every SDK talk to the local AWS, and to nothing else: a loopback endpoint, keys
 * that are no keys (the local AWS takes a 12-digit access key as the account's number), and no configuration files, no
 * instance metadata that could hold real ones.
 */
export function localVariables({ port, account }: LocalTarget, env: Variables): Readonly<Record<string, string>> {
  const noProxy = [env["NO_PROXY"] ?? env["no_proxy"], "127.0.0.1", "localhost"].filter(Boolean).join(",");
  return {
    AWS_ENDPOINT_URL: endpoint({ port }),
    AWS_ACCESS_KEY_ID: account.id,
    AWS_SECRET_ACCESS_KEY: "local",
    AWS_REGION: account.region,
    AWS_DEFAULT_REGION: account.region,
    AWS_CONFIG_FILE: devNull,
    AWS_SHARED_CREDENTIALS_FILE: devNull,
    AWS_EC2_METADATA_DISABLED: "true",
    ...TERRAFORM,
    NO_PROXY: noProxy,
    no_proxy: noProxy,
    ...terraformVariables(env),
  };
}

/**
 * The whole environment of a command that runs against the local AWS: the caller's, without anything that names real
 * credentials, profiles or endpoints, so that none can be used by mistake.
 */
export function localEnvironment(target: LocalTarget, env: Variables): Record<string, string> {
  return { ...withoutForeign(env), ...localVariables(target, env) };
}

/** The environment of the local AWS itself, beside what it is started with: nothing of AWS reaches it. */
export function serverEnvironment(env: Variables): Record<string, string> {
  return Object.fromEntries(Object.entries(defined(env)).filter(([name]) => SERVER.includes(name)));
}

/** The environment of a command that runs against real AWS: the caller's, with what lets Terraform find its providers. */
export function awsEnvironment(env: Variables): Record<string, string> {
  const { TF_CLI_CONFIG_FILE, ...others } = defined(env);
  return { ...others, ...TERRAFORM, ...terraformVariables({ ...others, TF_CLI_CONFIG_FILE }) };
}

/** The variables of `env` that must not be set beside the local AWS's: `env` prints them to be unset. */
export function foreignVariables(env: Variables, ours: Readonly<Record<string, string>>): string[] {
  return Object.keys(defined(env))
    .filter((name) => FOREIGN.test(name) && !KEPT.has(name) && !(name in ours))
    .sort();
}

/** The caller's environment without anything that names credentials, profiles or endpoints, or changes Terraform. */
export function withoutForeign(env: Variables): Record<string, string> {
  const foreign = new Set(foreignVariables(env, {}));
  return Object.fromEntries(Object.entries(defined(env)).filter(([name]) => !foreign.has(name)));
}

function defined(env: Variables): Record<string, string> {
  return Object.fromEntries(Object.entries(env).filter((entry): entry is [string, string] => entry[1] !== undefined));
}
