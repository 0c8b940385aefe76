import { compared, table } from "./promote/comparison";
import { type Place, copiedImages } from "./promote/copied-images";
import { type Side, asked, checkSides, sides } from "./promote/sides";
import { digestsRun, standings } from "./promote/standing";
import { release } from "./release/release";
import { accountVariables } from "./support/account-clients";
import { announce } from "./support/deployment-line";
import { Failure, command } from "./support/failure";
import { agreed, canAsk } from "./support/question";
import { described, livingHolder } from "./support/release-lock";
import { shellText } from "./support/shell";
import { tool } from "./support/tool";

interface Flags {
  readonly fromProfile?: string;
  readonly toProfile?: string;
  readonly skipMigrate: boolean;
  readonly allow: readonly string[];
  readonly yes: boolean;
}

const AGAIN = "npm run promote --";

/** `npm run promote -- staging production`: production gets the very images that staging runs. */
async function promote(given: string | undefined, target: string | undefined, flags: Flags): Promise<void> {
  const { fromProfile, toProfile, skipMigrate, allow, yes } = flags;
  const env = process.env;
  const both = asked(given, target, env);
  const again = [AGAIN, shellText([both.from, both.to, ...optionsOf(flags)])].join(" ");
  const { source: from, target: to } = await sides(both, { from: fromProfile, to: toProfile }, env);
  announce(from.stack);
  announce(to.stack);
  await checkSides(from, to, again);
  await checkSettled(from, again);

  const running = await standings(from.released.services, from.clients);
  const digests = digestsRun(from.stack.deployment, running, `npm run release -- ${both.from}`);
  const before = await standings(to.released.services, to.clients);
  const origin = copiedImages(placeOf(from), placeOf(to), digests);
  await origin.check(to.released.repositories.map(({ image, name }) => ({ image, repository: name })));

  const rows = await compared({ all: running, clients: from.clients }, { all: before, clients: to.clients }, digests);
  console.log(`\n${table(rows, from.stack.deployment, to.stack.deployment).join("\n")}\n`);
  if (rows.every(({ changes }) => !changes) && before.every(({ proven }) => proven)) {
    console.log(`${to.stack.deployment} runs what ${from.stack.deployment} runs. Nothing was changed.`);
    return;
  }
  if (!yes && !(await consented(to.stack.deployment, again))) {
    console.log("Nothing was changed.");
    return;
  }
  await release({
    environment: both.to,
    what: "promotion",
    again,
    images: () => origin,
    there: { clients: to.clients, variables: accountVariables(to.stack, toProfile, env) },
    migrate: skipMigrate ? "never" : "once",
    allowed: allow,
    yes,
    planOnly: false,
  });
}

function optionsOf({ fromProfile, toProfile, skipMigrate, allow, yes }: Flags): string[] {
  return [
    ...(fromProfile ? ["--from-profile", fromProfile] : []),
    ...(toProfile ? ["--to-profile", toProfile] : []),
    ...(skipMigrate ? ["--skip-migrate"] : []),
    ...allow.flatMap((address) => ["--allow", address]),
    ...(yes ? ["--yes"] : []),
  ];
}

/** That nobody is releasing the source right now. @throws Failure that names who does */
async function checkSettled({ stack, clients }: Side, again: string): Promise<void> {
  const holder = await livingHolder(stack, clients);
  if (holder === undefined) return;
  throw new Failure(`What ${stack.deployment} runs is not certain: ${described(stack, holder)}. Nothing was changed.`, {
    next: again,
  });
}

async function consented(deployment: string, again: string): Promise<boolean> {
  if (canAsk()) return agreed(`Release these to ${deployment}?`);
  throw new Failure("There is no terminal to ask at: --yes promotes without asking. Nothing was changed.", {
    next: `${again} --yes`,
  });
}

function placeOf({ stack, released, clients }: Side): Place {
  return { deployment: stack.deployment, repositories: released.repositories, clients };
}

const program = tool(AGAIN)
  .description(
    "Gives an environment the very images that another one runs: copied between their repositories with their digests, never rebuilt, and then released as `npm run release` does. Shows first what each service runs and would run.",
  )
  .argument("[from]", "the environment whose images are known to be good: staging")
  .argument("[to]", "the environment that gets them: production")
  .option("--from-profile <name>", "the AWS profile that may read from there (default: the ambient credentials)")
  .option("--to-profile <name>", "the AWS profile that may release there (default: the ambient credentials)")
  .option("--skip-migrate", "leaves the database as it is", false)
  .option(
    "--allow <address>",
    "lets the plan of the infrastructure lose one resource that holds data, as check-plan has it (repeat it for more)",
    (address: string, before: readonly string[]) => [...before, address],
    [] as readonly string[],
  )
  .option("--yes", "does not ask", false)
  .addHelpText(
    "after",
    `\nworkflow-orchestrator has no staging: SYSTEM=workflow-orchestrator ${AGAIN} dev production\nA preview is promoted only when it is named: PREFIX=wo-42 ${AGAIN} dev production`,
  )
  .action((from: string | undefined, to: string | undefined, flags: Flags) => command(() => promote(from, to, flags)));

void program.parseAsync();
