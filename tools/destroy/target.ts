import { lockTable, prefixOf, stateBucket, stateKey } from "../../deployment";
import { accounts } from "../../environments/accounts";
import type { Account } from "../../environments/environment";
import { systems } from "../../stacks";
import { forThisDeployment } from "../support/shell";
import type { StackFolder } from "../support/stack-folder";

/** A deployment as its state knows it: it needs no code, and no synth. */
export type Target = Omit<StackFolder, "folder" | "digest">;

/** The deployment of a name in an environment's account. */
export function targetOf(system: string, environment: string, deployment: string): Target {
  const account = accounts[environment] as Account;
  return {
    ...{ system, environment, deployment, accountId: account.id, region: account.region },
    bucket: stateBucket(environment, account),
    key: stateKey({ system, name: deployment }),
    lockTable: lockTable(environment),
  };
}

/** A command of ours on a deployment, whichever the shell and the branch choose. */
export function commandOn({ system, environment, deployment }: Target, line: string): string {
  return forThisDeployment(line, { SYSTEM: system, PREFIX: prefixOf(deployment, environment) });
}

/** The doctor of a deployment that this checkout need not have synthesized. */
export function doctorOf(target: Target): string {
  return commandOn(target, `npx cdktf synth && npm run doctor -- ${target.environment}`);
}

/** Whether a deployment is a branch's own copy: its environment allows them, and its name has a number, as `wo-42-dev`. */
export function isPreview({ system, environment, deployment }: Target): boolean {
  const known = systems[system];
  if (!known?.environments[environment]?.previews) return false;
  return new RegExp(`^${known.shortName}-\\d+-${environment}$`).test(deployment);
}
