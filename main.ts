import "./stacks/quiet-tokens";
import { App } from "cdktf";
import { type Deployment, UsageError } from "./deployment";
import { accounts } from "./environments/accounts";
import { type Account } from "./environments/environment";
import { systems } from "./stacks";
import { addEnvironment } from "./stacks/add-environment";
import { MovedBlocks } from "./stacks/moved-blocks";
import { synthesize } from "./stacks/synthesize";
import { chosenPrefix, chosenSystem, unknownSystem } from "./tools/support/chosen-deployment";
import { providerLock } from "./tools/support/terraform-binary";

/** The app: the system that is chosen, and for each of its environments a state stack and the stack itself. */
function main(): void {
  // synthesize() has all the validations run before anything is written: once is enough.
  const app = new App({ skipValidation: true });
  const name = chosenSystem(app.node.tryGetContext("system") as string, process.env);
  const system = systems[name];
  if (!system) throw new UsageError(unknownSystem(name));

  const errors = Object.entries(system.environments).flatMap(([environment, env]) => {
    const deployment: Deployment = {
      system: name,
      environment,
      name: `${chosenPrefix(system, env, __dirname, process.env)}-${environment}`,
      account: accounts[environment] as Account,
      repository: app.node.tryGetContext("repository") as string,
    };
    return addEnvironment(app, system, deployment, env);
  });
  const strays = errors.length > 0 ? [] : MovedBlocks.strays(app);
  synthesize(app, providerLock(process.env), [...errors, ...strays]);
}

try {
  main();
} catch (error) {
  if (!(error instanceof UsageError)) throw error;
  console.error(error.message);
  process.exitCode = 1;
}
