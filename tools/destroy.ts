import { consented } from "./destroy/consent";
import { contents } from "./destroy/contents";
import { demolish, nothingLeft } from "./destroy/demolition";
import { preflight } from "./destroy/preflight";
import { targetOf } from "./destroy/target";
import { ambientClients } from "./support/aws-clients";
import { announce } from "./support/deployment-line";
import { chosenDeployment } from "./support/chosen-deployment";
import { ENVIRONMENTS, environmentAsked } from "./support/environment-argument";
import { command } from "./support/failure";
import { leftovers } from "./support/leftovers";
import { awsEnvironment } from "./support/local-environment";
import { forThisDeployment } from "./support/shell";
import { freshLog } from "./support/project";
import { tool } from "./support/tool";

const AGAIN = "npm run destroy --";

interface Flags {
  readonly yes: boolean;
  readonly confirm?: string;
}

/** `npm run destroy -- dev`: takes a deployment down, with all that is in it, and shows that nothing of it is left. */
async function destroy(given: string | undefined, flags: Flags): Promise<void> {
  const environment = environmentAsked(given, AGAIN);
  const again = forThisDeployment(`${AGAIN} ${environment}`);
  const { system, deployment } = chosenDeployment(environment, process.env);
  const target = targetOf(system, environment, deployment);
  const env = awsEnvironment(process.env);
  const clients = ambientClients(target.region, env);
  announce(target, env);

  const state = await preflight(target, clients, again);
  const lost = state
    ? [`${String(state.resources.length)} resources`, ...(await contents(state.resources, clients))]
    : await leftovers(deployment, clients);
  if (lost.length === 0) {
    console.log(`\nThere is nothing of ${deployment}: no state, and nothing with its tag.`);
    return;
  }
  if (!(await consented(target, lost, flags, again))) {
    console.log("Nothing was changed.");
    return;
  }
  const kept = await demolish({ target, clients, env, log: freshLog(`destroy-${deployment}`), again });
  console.log(`\n${nothingLeft(deployment, kept).join("\n")}`);
}

const program = tool(AGAIN)
  .description(
    "Takes a deployment down with all that is in it, as its state has it: the branch or the code that made it may be gone. Refuses what is protected, and says how that is lifted. Ends by showing that nothing is left; safe to repeat after any end.",
  )
  .argument("[environment]", ENVIRONMENTS)
  .option("--yes", "destroys it without asking; not enough where there are no previews, as in production", false)
  .option("--confirm <deployment>", "likewise, by its name (wo-production)")
  .addHelpText(
    "after",
    "\nWhich deployment: SYSTEM, and PREFIX or the branch, as everywhere. PREFIX=wo-42 destroys wo-42-dev from any branch.\nPreviews whose branch is gone: npm run deployments -- reap",
  )
  .action((environment: string | undefined, flags: Flags) => command(() => destroy(environment, flags)));

void program.parseAsync();
