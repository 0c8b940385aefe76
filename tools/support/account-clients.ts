import { type ClientConfig, ambientClients, localClients } from "./aws-clients";
import type { Variables } from "./project";
import { isLoopback } from "./registry";
import type { StackFolder } from "./stack-folder";

/**
 * Clients of the account that a stack is in, for a command that works with two: by a profile, or else by what the process's
 * environment has. The local AWS takes an account's number as its key, and has all of them.
 */
export function accountClients(
  { accountId, region }: Pick<StackFolder, "accountId" | "region">,
  profile: string | undefined,
  env: Variables,
): ClientConfig {
  const port = localPort(env);
  if (port !== undefined) return localClients({ port, account: { id: accountId, region } });
  return { ...ambientClients(region, env), ...(profile && { profile }) };
}

/** The process's environment for all that works in that account, such as Terraform: its own keys do not outrank the profile. */
export function accountVariables(
  { accountId }: Pick<StackFolder, "accountId">,
  profile: string | undefined,
  env: Variables,
): Variables {
  if (localPort(env) !== undefined) return { ...env, AWS_ACCESS_KEY_ID: accountId };
  if (!profile) return env;
  const { AWS_ACCESS_KEY_ID: _key, AWS_SECRET_ACCESS_KEY: _secret, AWS_SESSION_TOKEN: _token, ...others } = env;
  return { ...others, AWS_PROFILE: profile };
}

/** Where the local AWS listens; undefined when the environment does not name it. */
function localPort({ AWS_ENDPOINT_URL: endpoint, AWS_ACCESS_KEY_ID: key }: Variables): number | undefined {
  if (!endpoint || !/^\d{12}$/.test(key ?? "")) return undefined;
  const { host, port } = new URL(endpoint);
  return isLoopback(host) ? Number(port) : undefined;
}
