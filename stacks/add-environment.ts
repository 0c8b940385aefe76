import { type App } from "cdktf";
import { type Deployment, accountDeployment, stateDeployment } from "../deployment";
import { type Environment } from "../environments/environment";
import { AccountStack } from "../global/account-stack";
import { StateStack } from "../global/state-stack";
import { type System } from ".";
import { account, shapeErrors } from "./environment-shape";

/**
 * Adds an environment's stacks to an app: those of its account (state, trail and costs) and the system's own.
 * @returns what is wrong with the shape of what was entered; what is wrong with its values, the synth tells
 */
export function addEnvironment(app: App, system: System, deployment: Deployment, env: Environment): string[] {
  const { environment } = deployment;
  const misshapen = [
    ...shapeErrors(account, deployment.account, `environments/accounts.ts: ${environment}`),
    ...shapeErrors(system.shape, env, `environments/${deployment.system}/${environment}.ts`),
  ];
  try {
    new StateStack(app, `${environment}-state-stack`, stateDeployment(deployment));
    new AccountStack(app, `${environment}-account-stack`, accountDeployment(deployment));
    new system.stack(app, `${environment}-stack`, deployment, env);
  } catch (error) {
    // A value of another shape may break the construction; its own sentence says more.
    if (misshapen.length === 0) throw error;
  }
  return misshapen.map((error) => `${environment}-stack: ${error}`);
}
