import { accounts } from "../../environments/accounts";
import { type ClientConfig, ambientClients } from "../support/aws-clients";
import { environmentAsked } from "../support/environment-argument";
import { Failure } from "../support/failure";
import type { Variables } from "../support/project";
import { callerAccount } from "../support/remote-state";
import { type Listing, listDeployments } from "./listing";

/** An environment whose account the credentials reach. */
export interface Reached {
  readonly environment: string;
  readonly clients: ClientConfig;
  /** Undefined while the account has no state bucket for it. */
  readonly listing: Listing | undefined;
}

export interface Reach {
  readonly accountId: string;
  readonly reached: readonly Reached[];
  /** Why others were not asked: "staging is in account 222222222222". */
  readonly elsewhere: readonly string[];
}

/**
 * The environment that was asked for; undefined for all.
 * @throws Failure that names the commands too: one that is misspelt comes as an environment
 */
export function environmentIn(
  given: string | undefined,
  commands: readonly string[],
  env: Variables = process.env,
): string | undefined {
  const known = Object.keys(accounts);
  if (given !== undefined && !known.includes(given)) {
    throw new Failure(
      `Expected a command (${commands.join(", ")}) or an environment (${known.join(", ")}), got "${given}".`,
      { next: "npm run deployments -- --help" },
    );
  }
  return given || env["STAGE"] ? environmentAsked(given, "npm run deployments --", known, env) : undefined;
}

/**
 * What is deployed in the account that the credentials are of: in all environments, or in one.
 * @throws Failure without credentials, or with those of an account that no environment is in
 */
export async function reachable(
  environment: string | undefined,
  env: Readonly<Record<string, string>>,
): Promise<Reach> {
  const asked = Object.entries(accounts).filter(([name]) => environment === undefined || name === environment);
  const [[first, account]] = asked as [(typeof asked)[number]];
  const clients = ambientClients(account.region, env);
  const accountId = await callerAccount(clients, first, account.id, "npm run deployments");
  const ours = asked.filter(([, { id }]) => id === accountId);
  if (ours.length === 0) {
    const known = asked.map(([name, { id }]) => `${name} in ${id}`).join(", ");
    throw new Failure(
      `These credentials are of account ${accountId}, and environments/accounts.ts has ${known}. Take a profile of one of these.`,
      { next: "aws sts get-caller-identity" },
    );
  }
  const reached = ours.map(async ([name, { region }]): Promise<Reached> => {
    const clients = ambientClients(region, env);
    return { environment: name, clients, listing: await listDeployments(name, clients) };
  });
  return {
    accountId,
    reached: await Promise.all(reached),
    elsewhere: asked.filter(([, { id }]) => id !== accountId).map(([name, { id }]) => `${name} is in account ${id}`),
  };
}
