import { InvalidArgumentError, Option } from "commander";
import type { MigrateCommand, MigrateReport } from "../functions/common/migrate/migrations";
import { ambientClients } from "./support/aws-clients";
import { type Given, consent } from "./support/consent";
import { announce } from "./support/deployment-line";
import { ENVIRONMENTS, environmentAsked } from "./support/environment-argument";
import { command } from "./support/failure";
import { awsEnvironment } from "./support/local-environment";
import { type Migrator, invokeMigrate, migrateFunction } from "./support/migrate-function";
import { checkAccount } from "./support/remote-state";
import { type StackFolder, readEnvironment } from "./support/stack-folder";
import { runSteps } from "./support/steps";
import { tool } from "./support/tool";

interface Flags extends Given {
  readonly down?: number;
  readonly status: boolean;
}

/** `npm run migrate -- dev`: brings the database of a deployment to the state of its code, or back. */
async function migrate(given: string | undefined, { down, status, ...answers }: Flags): Promise<void> {
  const environment = environmentAsked(given, "npm run migrate --");
  const stack = readEnvironment(environment);
  announce(stack);
  const name = migrateFunction(stack);
  const clients = ambientClients(stack.region, awsEnvironment(process.env));
  await checkAccount(clients, environment, stack.accountId, `npm run migrate -- ${environment}`);

  const migrator: Migrator = { name, environment, clients };
  if (down !== undefined && !(await mayUndo(down, stack, migrator, answers))) {
    console.log("Nothing was changed.");
    return;
  }
  const asked: MigrateCommand =
    down !== undefined ? { command: "down", steps: down } : { command: status ? "status" : "up" };
  let report: MigrateReport | undefined;
  await runSteps([
    {
      title: status ? `State of ${stack.deployment}` : `Migration of ${stack.deployment}`,
      run: async (tell) => {
        report = await invokeMigrate(migrator, asked, tell);
        return summary(report);
      },
    },
  ]);
  if (report) console.log(`\n${lines(report).join("\n")}`);
}

/** Whether the newest migrations are to be undone, after they were shown; more than there are the function refuses. */
async function mayUndo(steps: number, stack: StackFolder, migrator: Migrator, answers: Given): Promise<boolean> {
  const { environment } = migrator;
  const { present } = await invokeMigrate(migrator, { command: "status" }, () => undefined);
  if (steps > present.length) return true;
  const doomed = present.slice(-steps).reverse();
  console.log(
    [
      `\nThis undoes on ${stack.deployment}, with the data that only they hold:`,
      ...doomed.map((it) => `  ${it}`),
      "",
    ].join("\n"),
  );
  const again = `npm run migrate -- ${environment} --down ${String(steps)}`;
  return consent({ on: stack, verb: ["undo them", "undoes them"] }, answers, again);
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

const program = tool("npm run migrate --")
  .description(
    "Applies the migrations that a database lacks, through the deployment's own function: nobody needs a way into its network. Takes the system that was synthesized last.",
  )
  .argument("[environment]", ENVIRONMENTS)
  .addOption(
    new Option("--down <number>", "undoes the newest migrations; data that only they hold is lost")
      .argParser(parseSteps)
      .conflicts("status"),
  )
  .option("--yes", "undoes without asking; not enough where there are no previews, as in production", false)
  .option("--confirm <deployment>", "likewise, by its name (es-production)")
  .option("--status", "tells what is applied and what is not, and changes nothing", false)
  .action((environment: string | undefined, flags: Flags) => command(() => migrate(environment, flags)));

void program.parseAsync();
