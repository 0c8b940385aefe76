import { ambientClients } from "./support/aws-clients";
import { announce } from "./support/deployment-line";
import { ENVIRONMENTS, environmentAsked } from "./support/environment-argument";
import { command } from "./support/failure";
import { awsEnvironment } from "./support/local-environment";
import { checkAccount } from "./support/remote-state";
import { shiftSteps, shiftedFunctions } from "./support/shift-steps";
import { readEnvironment } from "./support/stack-folder";
import { runSteps } from "./support/steps";
import { tool } from "./support/tool";

/** `npm run shift -- production`: gives the newest version of each function its traffic, step by step, all of them at once. */
async function shift(given: string | undefined): Promise<void> {
  const environment = environmentAsked(given, "npm run shift --");
  const stack = readEnvironment(environment);
  announce(stack);
  const clients = ambientClients(stack.region, awsEnvironment(process.env));
  await checkAccount(clients, environment, stack.accountId, `npm run shift -- ${environment}`);
  const shifted = shiftedFunctions(stack.folder);
  if (shifted.length === 0) {
    console.log(`${stack.deployment} has nothing to shift: an apply gives a new version all the traffic at once.`);
    return;
  }

  await runSteps(shiftSteps(shifted, clients, `npx cdktf deploy ${environment}-stack`), { concurrent: true });
  console.log(`\nEvery function of ${stack.deployment} runs its newest version.`);
}

const program = tool("npm run shift --")
  .description(
    "Gives the versions that the last apply published their traffic, a part at a time (CodeDeploy); each goes back by itself when it fails or is slow.",
  )
  .argument("[environment]", `${ENVIRONMENTS}; of the system that was synthesized last`)
  .addHelpText(
    "after",
    "\nRepeat it to follow a shift that is under way: ctrl-C leaves it going.\nTo take a version back: npm run rollback -- <environment> <function>",
  )
  .action((environment: string | undefined) => command(() => shift(environment)));

void program.parseAsync();
