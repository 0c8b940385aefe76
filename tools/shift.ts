import { Command } from "commander";
import { ambientClients } from "./support/aws-clients";
import { announce } from "./support/deployment-line";
import { ENVIRONMENTS, environmentAsked } from "./support/environment-argument";
import { command } from "./support/failure";
import { awsEnvironment } from "./support/local-environment";
import { type LiveFunction, live, liveFunctions, versions } from "./support/live-functions";
import { checkAccount } from "./support/remote-state";
import { followShift, runningShift, startShift } from "./support/shifts";
import { readEnvironment } from "./support/stack-folder";
import { type Step, runSteps } from "./support/steps";

/** `npm run shift -- production`: gives the newest version of each function its traffic, step by step, all of them at once. */
async function shift(given: string | undefined): Promise<void> {
  const environment = environmentAsked(given, "npm run shift --");
  const stack = readEnvironment(environment);
  announce(stack);
  const clients = ambientClients(stack.region, awsEnvironment(process.env));
  await checkAccount(clients, environment, stack.accountId);
  const shifted = liveFunctions(stack.folder).filter((it) => it.shifted);
  if (shifted.length === 0) {
    console.log(`${stack.deployment} has nothing to shift: an apply gives a new version all the traffic at once.`);
    return;
  }

  const step = ({ path, name }: LiveFunction): Step => ({
    title: path,
    run: async (tell) => {
      const now = await live(name, clients, `npx cdktf deploy ${environment}-stack`);
      const [newest = now.version] = await versions(name, clients);
      const underWay = await runningShift(name, clients);
      if (underWay === undefined && newest <= now.version) return `version ${String(now.version)} is the newest`;
      await followShift(name, underWay ?? (await startShift(name, now.version, newest, clients)), clients, tell);
      return `version ${String((await live(name, clients, "")).version)} has all the traffic, before it was ${String(now.version)}`;
    },
  });
  await runSteps(shifted.map(step), { concurrent: true });
  console.log(`\nEvery function of ${stack.deployment} runs its newest version.`);
}

const program = new Command("npm run shift --")
  .description(
    "Gives the versions that the last apply published their traffic, a part at a time (CodeDeploy); each goes back by itself when it fails or is slow.",
  )
  .argument("[environment]", `${ENVIRONMENTS}; of the system that was synthesized last`)
  .addHelpText(
    "after",
    "\nRepeat it to follow a shift that is under way: ctrl-C leaves it going.\nTo take a version back: npm run rollback -- <environment> <function>",
  )
  .showHelpAfterError("Next: npm run shift -- --help")
  .action((environment: string | undefined) => command(() => shift(environment)));

void program.parseAsync();
