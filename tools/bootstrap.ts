import { accounts } from "../environments/accounts";
import { type Account } from "../environments/environment";
import { ambientClients } from "./support/aws-clients";
import { bootstrapState } from "./support/bootstrap-state";
import { cdktf } from "./support/cdktf";
import { chosenOfOurs } from "./support/chosen-deployment";
import { announce } from "./support/deployment-line";
import { ENVIRONMENTS, environmentAsked } from "./support/environment-argument";
import { command } from "./support/failure";
import { awsEnvironment } from "./support/local-environment";
import { checkTerraform } from "./support/prerequisites";
import { freshLog } from "./support/project";
import { runSteps } from "./support/steps";
import { tool } from "./support/tool";

/** `npm run bootstrap -- dev`: the state bucket and lock table of one environment's account, on AWS or where AWS_ENDPOINT_URL says. */
async function bootstrap(given: string | undefined): Promise<void> {
  const environment = environmentAsked(given, "npm run bootstrap --");
  chosenOfOurs(environment, process.env); // Else it does not synthesize.
  const account = accounts[environment] as Account;
  const env = awsEnvironment(process.env);
  const deployment = `state-${environment}`;
  announce({ system: "state", environment, deployment, accountId: account.id, region: account.region }, env);
  const clients = ambientClients(account.region, env);
  const log = freshLog("bootstrap");
  const stack = `${environment}-state-stack`;
  const again = `npm run bootstrap -- ${environment}`;

  await runSteps([
    {
      title: "Prerequisites",
      run: async () => {
        await checkTerraform();
        return undefined;
      },
    },
    {
      title: "Synthesis",
      run: async () => {
        await cdktf(["synth"], { stack, environment, accountId: account.id, again }, { env, log });
        return undefined;
      },
    },
    {
      title: `State bucket and lock table of ${environment}`,
      run: (tell) => bootstrapState({ environment, clients, env, log, tell, again }),
    },
  ]);
  console.log(
    `\nThe states of ${environment} have their place. From now on ${stack} is a stack like any other.\nNext: npx cdktf deploy ${environment}-stack`,
  );
}

const program = tool("npm run bootstrap --")
  .description(
    "Makes the state bucket and the lock table of an environment's account. Safe to repeat; goes on where it was broken off.",
  )
  .argument("[environment]", ENVIRONMENTS)
  .action((environment: string | undefined) => command(() => bootstrap(environment)));

void program.parseAsync();
