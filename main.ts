import "./stacks/quiet-tokens";
import { join } from "node:path";
import { App } from "cdktf";
import { type Deployment, UsageError, previewPrefix, stateDeployment } from "./deployment";
import { accounts } from "./environments/accounts";
import { StateStack } from "./global/state-stack";
import { systems } from "./stacks";
import { account as accountShape, shapeErrors } from "./stacks/environment-shape";
import { synthesize } from "./stacks/synthesize";
import { currentBranch } from "./tools/support/git-branch";

/** The app: the system that is chosen, and for each of its environments a state stack and the stack itself. */
function main(): void {
  const app = new App();
  const name = process.env["SYSTEM"] || (app.node.tryGetContext("system") as string);
  const system = systems[name];
  if (!system) {
    throw new UsageError(
      `SYSTEM: expected one of ${Object.keys(systems).join(", ")}, got "${name}". Set SYSTEM, or context.system in cdktf.json.`,
    );
  }
  const preview = (): string =>
    previewPrefix({
      shortName: system.shortName,
      systems: Object.fromEntries(Object.entries(systems).map(([long, { shortName }]) => [shortName, long])),
      branch: currentBranch(__dirname, process.env).branch,
      override: process.env["PREFIX"],
    });

  const errors: string[] = [];
  for (const [environment, env] of Object.entries(system.environments)) {
    const account = accounts[environment as keyof typeof accounts];
    const misshapen = [
      ...shapeErrors(accountShape, account, `environments/accounts.ts: ${environment}`),
      ...shapeErrors(system.shape, env, `environments/${name}/${environment}.ts`),
    ];
    errors.push(...misshapen.map((error) => `${environment}-stack: ${error}`));
    try {
      const prefix = env.previews ? preview() : system.shortName;
      const deployment: Deployment = {
        system: name,
        environment,
        name: `${prefix}-${environment}`,
        account,
        repository: app.node.tryGetContext("repository") as string,
      };
      new StateStack(app, `${environment}-state-stack`, stateDeployment(deployment));
      new system.stack(app, `${environment}-stack`, deployment, env);
    } catch (error) {
      // A value of another shape may break the construction; its own sentence says more.
      if (misshapen.length === 0 || error instanceof UsageError) throw error;
    }
  }
  synthesize(app, join(__dirname, "terraform.lock.hcl"), errors);
}

try {
  main();
} catch (error) {
  if (!(error instanceof UsageError)) throw error;
  console.error(error.message);
  process.exitCode = 1;
}
