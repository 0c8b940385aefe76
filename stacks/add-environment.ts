import { type App } from "cdktf";
import { type Construct } from "constructs";
import { type Deployment, accountDeployment, stateDeployment } from "../deployment";
import { type Environment } from "../environments/environment";
import { AccountStack } from "../global/account-stack";
import { StateStack } from "../global/state-stack";
import { check } from "../modules/checks";
import { type System } from ".";
import { account, shapeErrors } from "./environment-shape";

/**
 * Adds an environment's stacks to an app: those of its account (state, trail and costs) and the system's own.
 * @returns what is wrong with the shape of what was entered; what is wrong with its values, the synth tells
 */
export function addEnvironment(app: App, system: System, deployment: Deployment, env: Environment): string[] {
  const { environment } = deployment;
  const file = `environments/${deployment.system}/${environment}.ts`;
  const misshapen = [
    ...shapeErrors(account, deployment.account, `environments/accounts.ts: ${environment}`),
    ...shapeErrors(system.shape, env, file),
  ];
  try {
    new StateStack(app, `${environment}-state-stack`, stateDeployment(deployment));
    new AccountStack(app, `${environment}-account-stack`, accountDeployment(deployment));
    checkTogether(new system.stack(app, `${environment}-stack`, deployment, env), env, file);
  } catch (error) {
    // A value of another shape may break the construction; its own sentence says more.
    if (misshapen.length === 0) throw error;
  }
  return misshapen.map((error) => `${environment}-stack: ${error}`);
}

/** `check` that settings go together, each of which is right alone; no module sees them both. */
function checkTogether(stack: Construct, { previews, protect, network }: Environment, file: string): void {
  // A preview may be reached without HTTPS, and is destroyed without asking for its name.
  check(stack, !(previews && protect), {
    what: "previews",
    got: "true, beside protect: true",
    expected: "false where protect is true",
    fix: `What is protected is never a preview: set one of the two to false in ${file}.`,
  });
  // Every system has tasks or functions, which pull images, read secrets and write logs over the network.
  check(stack, network.nat !== "none" || network.tasks === "public", {
    what: "network: nat",
    got: "none, with tasks and functions in the private subnets",
    expected: "a way out of the private subnets: instance, single or per-zone",
    fix: `Nothing could start there. Take instance for dev, or tasks: "public" for a system without functions, in ${file}.`,
  });
}
