import { type ClientConfig } from "../support/aws-clients";
import { accountClients } from "../support/account-clients";
import { chosenDeployment, chosenSystemName, knownSystem } from "../support/chosen-deployment";
import { checkStage } from "../support/environment-argument";
import { Failure } from "../support/failure";
import type { Variables } from "../support/project";
import { type Released, releasedIn } from "../support/released-services";
import { checkAccount } from "../support/remote-state";
import { type StackFolder, readStack } from "../support/stack-folder";
import { ofSynthesis } from "../support/synthesis";

/** One of the two deployments of a promotion. */
export interface Side {
  readonly stack: StackFolder;
  readonly released: Released;
  readonly clients: ClientConfig;
}

export interface Asked {
  readonly from: string;
  readonly to: string;
}

const AGAIN = "npm run promote --";

/**
 * From where to where, checked before anything is synthesized.
 * @throws Failure for an environment that the system does not have, for one onto itself, for a preview that nobody named
 */
export function asked(from: string | undefined, to: string | undefined, env: Variables): Asked {
  const system = chosenSystemName(env);
  const { environments, shortName } = knownSystem(system);
  const known = Object.keys(environments);
  const next = [AGAIN, ...known.slice(-2)].join(" ");
  if (from === undefined || to === undefined || ![from, to].every((environment) => known.includes(environment))) {
    const got = [from, to].filter((it) => it !== undefined).join(" ") || "none";
    throw new Failure(`From which environment to which? ${system} has ${known.join(", ")}, got ${got}.`, { next });
  }
  if (from === to) throw new Failure(`${from} cannot be promoted to itself.`, { next });
  checkStage(to, `${AGAIN} ${from} ${to}`, env["STAGE"]);
  for (const environment of [from, to]) {
    const { deployment } = chosenDeployment(environment, env);
    if (deployment === `${shortName}-${environment}` || env["PREFIX"]) continue;
    throw new Failure(
      `The branch makes ${environment} the preview ${deployment}. A preview is promoted only when it is named. Nothing was changed.`,
      {
        next: `PREFIX=${shortName} ${AGAIN} ${from} ${to}, or PREFIX=${deployment.replace(`-${environment}`, "")} for the preview`,
      },
    );
  }
  return { from, to };
}

/** Both stacks, from one synth, and who may work in their accounts. */
export async function sides(
  { from, to }: Asked,
  profiles: { readonly from?: string | undefined; readonly to?: string | undefined },
  env: Variables,
): Promise<{ readonly source: Side; readonly target: Side }> {
  return ofSynthesis((outdir) => {
    const side = (environment: string, profile: string | undefined): Side => {
      const stack = readStack(`${environment}-stack`, outdir);
      return { stack, released: releasedIn(stack.folder), clients: accountClients(stack, profile, env) };
    };
    return { source: side(from, profiles.from), target: side(to, profiles.to) };
  });
}

/** That the systems are one, and that there are credentials for each account. @throws Failure that says which are missing */
export async function checkSides(source: Side, target: Side, again: string): Promise<void> {
  if (source.stack.system !== target.stack.system) {
    throw new Failure(
      `${source.stack.deployment} is of ${source.stack.system}, ${target.stack.deployment} of ${target.stack.system}.`,
    );
  }
  for (const [{ stack, clients }, flag] of [
    [source, "--from-profile"],
    [target, "--to-profile"],
  ] as const) {
    await checkAccount(clients, stack.environment, stack.accountId, again).catch((error: unknown) => {
      if (!(error instanceof Failure)) throw error;
      throw new Failure(`${error.message}\n${flag} <name> names the profile for ${stack.environment}.`, error.advice);
    });
  }
}
