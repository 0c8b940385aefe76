import { Command, InvalidArgumentError, Option } from "commander";
import type { MigrateCommand, MigrateReport } from "../functions/common/migrate/migrations";
import { ambientClients } from "./support/aws-clients";
import { announce } from "./support/deployment-line";
import { ENVIRONMENTS, environmentAsked } from "./support/environment-argument";
import { command } from "./support/failure";
import { awsEnvironment } from "./support/local-environment";
import { invokeMigrate, migrateFunction } from "./support/migrate-function";
import { checkAccount } from "./support/remote-state";
import { readEnvironment } from "./support/stack-folder";
import { runSteps } from "./support/steps";

interface Flags {
  readonly down?: number;
  readonly status: boolean;
}

/** `npm run migrate -- dev`: brings the database of a deployment to the state of its code, or back. */
async function migrate(given: string | undefined, { down, status }: Flags): Promise<void> {
  const environment = environmentAsked(given, "npm run migrate --");
  const stack = readEnvironment(environment);
  announce(stack);
  const name = migrateFunction(stack);
  const clients = ambientClients(stack.region, awsEnvironment(process.env));
  await checkAccount(clients, environment, stack.accountId, `npm run migrate -- ${environment}`);

  const asked: MigrateCommand =
    down !== undefined ? { command: "down", steps: down } : { command: status ? "status" : "up" };
  let report: MigrateReport | undefined;
  await runSteps([
    {
      title: status ? `State of ${stack.deployment}` : `Migration of ${stack.deployment}`,
      run: async (tell) => {
        report = await invokeMigrate({ name, environment, clients }, asked, tell);
        return summary(report);
      },
    },
  ]);
  if (report) console.log(`\n${lines(report).join("\n")}`);
}

function summary({ applied, undone, pending }: MigrateReport): string {
  if (applied.length > 0) return `${String(applied.length)} applied`;
  if (undone.length > 0) return `${String(undone.length)} undone`;
  return pending.length > 0 ? `${String(pending.length)} pending` : "up to date";
}

/** Every migration with what is, or was just done. */
function lines({ applied, undone, present, pending }: MigrateReport): string[] {
  return [
    ...present.map((name) => `${applied.includes(name) ? "applied  " : "present  "} ${name}`),
    ...pending.map((name) => `${undone.includes(name) ? "undone   " : "pending  "} ${name}`),
  ];
}

function parseSteps(text: string): number {
  const steps = Number(text);
  if (Number.isInteger(steps) && steps >= 1) return steps;
  throw new InvalidArgumentError("Expected a whole number from 1.");
}

const program = new Command("npm run migrate --")
  .description(
    "Applies the migrations that a database lacks, through the deployment's own function: nobody needs a way into its network. Takes the system that was synthesized last.",
  )
  .argument("[environment]", ENVIRONMENTS)
  .addOption(
    new Option("--down <number>", "undoes the newest migrations; data that only they hold is lost")
      .argParser(parseSteps)
      .conflicts("status"),
  )
  .option("--status", "tells what is applied and what is not, and changes nothing", false)
  .showHelpAfterError("Next: npm run migrate -- --help")
  .action((environment: string | undefined, flags: Flags) => command(() => migrate(environment, flags)));

void program.parseAsync();
