import type { Account } from "../../environments/environment";
import { accounts } from "../../environments/accounts";
import { type ClientConfig, localClients } from "../support/aws-clients";
import { announceChosen } from "../support/deployment-line";
import { checkStage } from "../support/environment-argument";
import { Failure } from "../support/failure";
import { LocalAws } from "../support/local-aws";
import { type LocalTarget, localEnvironment } from "../support/local-environment";
import { freshLog } from "../support/project";
import type { Context } from "../support/terraform-errors";

export const DEFAULT_PORT = 4566;
export const ENVIRONMENT = "dev";
export const STACK = `${ENVIRONMENT}-stack`;

/** What one call of `npm run local` works with. */
export interface Session {
  readonly aws: LocalAws;
  readonly target: LocalTarget;
  readonly clients: ClientConfig;
  readonly env: Readonly<Record<string, string>>;
  readonly log: string;
  readonly context: Context;
}

export interface Options {
  /** @default the one that the local AWS was first started on, or else 4566 */
  readonly port?: number;
}

/** @throws Failure for words behind a command, or none of them: those come as words of the default */
export function checkWords([word]: readonly string[], commands: readonly string[]): void {
  if (word === undefined) return;
  throw new Failure(
    `Expected one of ${commands.join(", ")}, and no environment, which is always ${ENVIRONMENT}; got "${word}".`,
    { next: "npm run local -- --help" },
  );
}

/** @throws Failure where STAGE names another environment; UsageError where nothing says which deployment it is */
export function session(name: string, { port }: Options): Session {
  const aws = new LocalAws();
  const account = accounts[ENVIRONMENT] as Account;
  const target = { port: port ?? aws.port ?? DEFAULT_PORT, account };
  const env = localEnvironment(target, process.env);
  const again = `npm run local${name === "up" ? "" : ` -- ${name}`}`;
  checkStage(ENVIRONMENT, again);
  announceChosen(ENVIRONMENT, env);
  const context: Context = {
    stack: STACK,
    environment: ENVIRONMENT,
    accountId: account.id,
    again,
    prelude: 'eval "$(npm run --silent local -- env)"',
  };
  return { aws, target, clients: localClients(target), env, log: freshLog(`local-${name}`), context };
}
