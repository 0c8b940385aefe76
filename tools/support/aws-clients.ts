import { type LocalTarget, endpoint } from "./local-environment";
import type { Variables } from "./project";

// The SDK warns that versions of 2027 will want Node 22; ours are pinned.
process.env["AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED"] = "true";

/** What every client of the AWS SDK is made with. */
export interface ClientConfig {
  readonly region: string;
  readonly endpoint?: string;
  readonly credentials?: { readonly accessKeyId: string; readonly secretAccessKey: string };
  /** Of the shared configuration files; it outranks keys in the environment. @default what the environment names */
  readonly profile?: string;
  /** How often a call is tried; AWS's own limits on calls and a network that is gone for a moment are waited for. @default 3 */
  readonly maxAttempts?: number;
  /** S3 only: a bucket's name cannot become part of a loopback host's. */
  readonly forcePathStyle?: boolean;
}

/** The same for questions and calls that outlast AWS's limits, and half a minute without a network. */
export function patient(config: ClientConfig): ClientConfig {
  return { ...config, maxAttempts: 10 };
}

/** Clients of the local AWS: nothing in the process's environment can lead them elsewhere. */
export function localClients(target: LocalTarget): ClientConfig {
  const credentials = { accessKeyId: target.account.id, secretAccessKey: "local" };
  return { region: target.account.region, endpoint: endpoint(target), credentials, forcePathStyle: true };
}

/** Clients of whatever the process's environment names, as Terraform takes it. */
export function ambientClients(region: string, env: Variables): ClientConfig {
  return { region, ...(env["AWS_ENDPOINT_URL"] && { endpoint: env["AWS_ENDPOINT_URL"], forcePathStyle: true }) };
}
