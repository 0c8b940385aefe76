import { InvalidArgumentError } from "commander";
import { type Branches, branchesOf, isGone, knownBranches } from "./deployments/branches";
import { type Reach, environmentIn, reachable } from "./deployments/reach";
import { checkAsked, chosen, reap } from "./deployments/reap";
import { table } from "./deployments/table";
import { isPreview } from "./destroy/target";
import { ENVIRONMENTS } from "./support/environment-argument";
import { Failure, command } from "./support/failure";
import { awsEnvironment } from "./support/local-environment";
import { root } from "./support/project";
import { agreed, canAsk } from "./support/question";
import { age } from "./support/time";
import { tool } from "./support/tool";

const AGAIN = "npm run deployments --";
const COMMANDS = ["list", "reap"] as const;
const REAP = `${AGAIN} reap`;
const UNITS: Readonly<Record<string, number>> = { h: 3_600_000, d: 86_400_000, w: 604_800_000 };

interface ReapFlags {
  readonly yes: boolean;
  /** Milliseconds. */
  readonly olderThan: number;
}

/** `npm run deployments`: what is deployed in the account of the credentials, and which branch it is of. */
async function list(given: string | undefined, { json }: { readonly json: boolean }): Promise<void> {
  const [reach, branches] = await look(given);
  const deployments = deploymentsOf(reach);
  if (json) {
    const told = deployments.map(({ made, changed, ...listed }) => ({
      ...listed,
      ...(made && { made: made.toISOString() }),
      changed: changed.toISOString(),
      preview: isPreview(listed),
      branches: branchesOf(listed, branches),
      gone: isGone(listed, branches),
    }));
    const { accountId, elsewhere } = reach;
    console.log(JSON.stringify({ accountId, elsewhere, branches, deployments: told }, undefined, 2));
    return;
  }
  if (deployments.length > 0) console.log(`\n${table(deployments, branches)}`);
  console.log(`\n${notes(reach, branches).join("\n")}`);
  const gone = deployments.filter((listed) => isGone(listed, branches));
  if (gone.length > 0) console.log(`${String(gone.length)} of a branch that is gone.\nNext: ${REAP}`);
}

/** `npm run deployments -- reap`: destroys the previews whose branch is gone, after a question that lists them. */
async function reapGone(given: string | undefined, { yes, olderThan }: ReapFlags): Promise<void> {
  const [reach, branches] = await look(given);
  checkAsked(branches, yes);
  const { doomed, spared } = chosen(deploymentsOf(reach), branches, olderThan);
  if (spared.length > 0)
    console.log(["\nLeft alone, though their branch is gone:", ...spared.map((it) => `- ${it}`)].join("\n"));
  if (doomed.length === 0) {
    console.log("\nThere is no preview to remove.");
    return;
  }
  const lines = doomed.map(
    ({ deployment, system, made, changed, state }) =>
      `  ${deployment} (${system}), ${String(state?.resources)} resources${made ? `, made ${age(made)} ago` : ""}, changed ${age(changed)} ago`,
  );
  console.log(
    [
      "\nThis destroys for good, with their data, these previews; no branch is theirs",
      `(${asked(branches)}):`,
      ...lines,
      "",
    ].join("\n"),
  );
  if (!yes) {
    if (!canAsk()) {
      throw new Failure("There is no terminal to ask at: --yes removes them without asking. Nothing was changed.", {
        next: `${REAP} --yes`,
      });
    }
    if (!(await agreed("Destroy them?"))) {
      console.log("Nothing was changed.");
      return;
    }
  }
  const clients = new Map(reach.reached.map((it) => [it.environment, it.clients]));
  const env = awsEnvironment(process.env);
  const withClients = doomed.flatMap((listed) => {
    const its = clients.get(listed.environment);
    return its ? [{ listed, clients: its }] : [];
  });
  const failed = await reap(withClients, env);
  const removed = `${String(doomed.length - failed.length)} of ${String(doomed.length)} previews are removed.`;
  if (failed.length > 0) throw new Failure([removed, ...failed.map((line) => `- ${line}`)].join("\n"), { next: REAP });
  console.log(`\n${removed}`);
}

async function look(given: string | undefined): Promise<[Reach, Branches]> {
  const environment = environmentIn(given, COMMANDS);
  const env = awsEnvironment(process.env);
  const [reach, branches] = await Promise.all([reachable(environment, env), knownBranches(root)]);
  const where = env["AWS_ENDPOINT_URL"] ? ` at ${env["AWS_ENDPOINT_URL"]}` : "";
  console.error(`Account ${reach.accountId}${where}: ${reach.reached.map((it) => it.environment).join(", ")}`);
  return [reach, branches];
}

function deploymentsOf({ reached }: Reach) {
  return reached.flatMap(({ listing }) => listing?.deployments ?? []);
}

function notes({ reached, elsewhere }: Reach, branches: Branches): string[] {
  return [
    ...reached.flatMap(({ environment, listing }) => {
      if (listing === undefined) return [`${environment} has no state bucket: nothing was ever deployed there.`];
      const { bucket, deployments, others } = listing;
      return [
        ...(deployments.length === 0 ? [`Nothing is deployed in ${environment} (s3://${bucket}).`] : []),
        ...(others.length > 0
          ? [
              `s3://${bucket} has ${String(others.length)} objects that are none of ours: ${others.slice(0, 3).join(", ")}`,
            ]
          : []),
      ];
    }),
    ...elsewhere.map((line) => `Not asked: ${line}.`),
    `Branches: ${asked(branches)}.`,
  ];
}

/** Who was asked for branches. */
function asked({ asked, silent }: Branches): string {
  const told = asked.length > 0 ? `${asked.join(" and ")} asked` : "nobody to ask, since this is no git checkout";
  return silent.length > 0 ? `${told}; ${silent.join(", ")} did not answer, what was fetched last counts` : told;
}

function parseAge(text: string): number {
  const [, number, unit = ""] = /^(\d{1,4})([hdw])$/.exec(text) ?? [];
  const milliseconds = UNITS[unit];
  if (milliseconds !== undefined) return Number(number) * milliseconds;
  throw new InvalidArgumentError(`Expected hours, days or weeks, as 12h, 14d or 2w, got "${text}".`);
}

const program = tool(AGAIN)
  .description("What is deployed in the account of the shell's credentials, by its state buckets.")
  .helpCommand(false);

program
  .command(COMMANDS[0], { isDefault: true })
  .description("lists them, and marks previews whose branch is gone, here and at the remotes (the default)")
  .argument("[environment]", `${ENVIRONMENTS}; all that the credentials reach, without either`)
  .option("--json", "as JSON, for a program", false)
  .action((environment: string | undefined, flags: { json: boolean }) => command(() => list(environment, flags)));

program
  .command(COMMANDS[1])
  .description(
    "destroys the previews whose branch is gone, after a question that lists them: never a shared or protected deployment, nor one that somebody works on",
  )
  .argument("[environment]", "likewise")
  .option("--yes", "without asking", false)
  .option("--older-than <age>", "only those that were not changed for so long: 12h, 14d, 2w", parseAge, 0)
  .addHelpText("after", "\nA preview that was made with PREFIX=wo-99 and never had a branch counts as gone.")
  .action((environment: string | undefined, flags: ReapFlags) => command(() => reapGone(environment, flags)));

void program.parseAsync();
