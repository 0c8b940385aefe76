import { mkdirSync, writeFileSync } from "node:fs";
import { join, relative, resolve } from "node:path";
import { InvalidArgumentError, Option } from "commander";
import { ENDS, USUAL } from "./simulation/assumptions";
import { chart } from "./simulation/chart";
import { table } from "./simulation/figures";
import { violations } from "./simulation/guarantees";
import { loads } from "./simulation/loads";
import { type Selection, chosenRuns, chosenServices } from "./simulation/selection";
import { type Run, simulate } from "./simulation/simulation";
import { type SynthesizedStack, servicesOf } from "./simulation/stack";
import { announce } from "./support/deployment-line";
import { ENVIRONMENTS, environmentAsked } from "./support/environment-argument";
import { command } from "./support/failure";
import { localFolder } from "./support/project";
import { synthesis } from "./support/synthesis";
import { tool } from "./support/tool";

const AGAIN = "npm run simulate --";

interface Flags extends Selection {
  readonly svg: string;
  readonly late: number;
  readonly start: number;
}

/** `npm run simulate -- dev`: how an environment's services scale, by what is synthesized for them. */
async function simulateEnvironment(given: string | undefined, flags: Flags): Promise<void> {
  const environment = environmentAsked(given, AGAIN);
  const { stack, resources } = await synthesis(environment, AGAIN);
  announce(stack);
  const services = chosenServices(servicesOf(stackOf(resources)), stack, flags, AGAIN);
  const assumptions = {
    ...USUAL,
    publication: { sqs: flags.late, ecs: flags.late, elb: flags.late },
    taskStart: flags.start,
  };
  const runs = chosenRuns(services, environment, flags, AGAIN).map(([service, load]) =>
    simulate(service, load, assumptions),
  );
  const folder = resolve(flags.svg);
  mkdirSync(folder, { recursive: true });
  for (const service of services)
    show(
      runs.filter((run) => run.service === service),
      folder,
    );
  console.log(`\nPictures: ${relative(process.cwd(), folder) || "."}`);
  if (runs.some((run) => violations(run).length > 0)) process.exitCode = 1;
}

function stackOf(
  resources: readonly { address: string; type: string; arguments: Readonly<Record<string, unknown>> }[],
) {
  const byType: Record<string, Record<string, Readonly<Record<string, unknown>>>> = {};
  for (const { address, type, arguments: args } of resources)
    (byType[type] ??= {})[address.slice(type.length + 1)] = args;
  return { resource: byType } satisfies SynthesizedStack;
}

function show(runs: readonly Run[], folder: string): void {
  const [first] = runs;
  if (!first) return;
  const { name, min, max } = first.service;
  console.log(`\n${name}, ${String(min)} to ${String(max)} tasks\n${table(runs)}`);
  for (const run of runs) {
    for (const broken of violations(run)) console.log(`  ${run.load.name}: ${broken}`);
    writeFileSync(join(folder, `${name}-${run.load.name}.svg`), chart(run));
  }
}

function within([low, high]: readonly [number, number]): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (Number.isInteger(value) && value >= low && value <= high) return value;
    throw new InvalidArgumentError(`Expected whole seconds from ${String(low)} to ${String(high)}, got "${text}".`);
  };
}

function known(text: string, before: readonly string[] = []): string[] {
  if (loads.some(({ name }) => name === text)) return [...before, text];
  throw new InvalidArgumentError(`Expected one of ${loads.map(({ name }) => name).join(", ")}, got "${text}".`);
}

const program = tool(AGAIN)
  .description(
    "Simulates how the services of an environment scale: CloudWatch, Application Auto Scaling and ECS as AWS documents " +
      "them, with the alarms and policies that are synthesized. Draws each run, and exits 1 when a promise is broken.",
  )
  .argument("[environment]", ENVIRONMENTS)
  .addOption(
    new Option("--load <name>", "one of the loads below (repeat it for more); all by default").argParser(known),
  )
  .option("--service <id>", "one service, by its id in the stack (worker); all by default")
  .addOption(
    new Option("--svg <folder>", "where the pictures go").default(localFolder("simulation"), ".local/simulation"),
  )
  .addOption(
    new Option("--late <seconds>", `how late CloudWatch publishes, ${ENDS.sqs.join(" to ")} seconds`)
      .argParser(within(ENDS.sqs))
      .default(USUAL.publication.sqs),
  )
  .addOption(
    new Option("--start <seconds>", `how long a task takes to start, ${ENDS.taskStart.join(" to ")} seconds`)
      .argParser(within(ENDS.taskStart))
      .default(USUAL.taskStart),
  )
  .addHelpText(
    "after",
    `\nLoads:\n${loads.map(({ name, description }) => `  ${name.padEnd(16)}${description}`).join("\n")}\n\nThe system is the one in cdktf.json, or SYSTEM=<name>.`,
  )
  .action((environment: string | undefined, flags: Flags) => command(() => simulateEnvironment(environment, flags)));

void program.parseAsync();
