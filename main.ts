import "./stacks/quiet-tokens";
import { App } from "cdktf";
import { type Deployment, UsageError, repositoryTag } from "./deployment";
import { accounts } from "./environments/accounts";
import { type Account } from "./environments/environment";
import { addEnvironment } from "./stacks/add-environment";
import { sharedDomains } from "./stacks/environment-shape";
import { MovedBlocks } from "./stacks/moved-blocks";
import { synthesize } from "./stacks/synthesize";
import { chosenPrefix, chosenSystem, knownSystem } from "./tools/support/chosen-deployment";
import { projectContext } from "./tools/support/project";
import { providerLock } from "./tools/support/terraform-binary";

/** The app: the system that is chosen, and for each of its environments a state stack and the stack itself. */
function main(): void {
  // synthesize() has all the validations run before anything is written: once is enough.
  // The CLI passes the context on; the app has it also where it is run without.
  const app = new App({ skipValidation: true, context: projectContext() });
  const name = chosenSystem(app.node.tryGetContext("system") as string, process.env);
  const system = knownSystem(name);
  const repository = repositoryTag(app.node.tryGetContext("repository"));

  const errors = Object.entries(system.environments).flatMap(([environment, env]) => {
    const deployment: Deployment = {
      system: name,
      environment,
      name: `${chosenPrefix(system, env, __dirname, process.env)}-${environment}`,
      account: accounts[environment] as Account,
      repository,
    };
    return addEnvironment(app, system, deployment, env);
  });
  const further = errors.length > 0 ? [] : [...sharedDomains(accounts), ...MovedBlocks.strays(app)];
  synthesize(app, providerLock(process.env), [...errors, ...further]);
}

try {
  main();
} catch (error) {
  if (!(error instanceof UsageError)) throw error;
  console.error(error.message);
  process.exitCode = 1;
}
