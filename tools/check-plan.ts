import { printed } from "./check-plan/table";
import { refused } from "./check-plan/refused";
import { reviewPlan } from "./check-plan/review";
import { planAsked, stackAsked } from "./check-plan/stack-asked";
import { announce } from "./support/deployment-line";
import { command } from "./support/failure";
import { awsEnvironment } from "./support/local-environment";
import { readStack } from "./support/stack-folder";
import { tool } from "./support/tool";

interface Flags {
  readonly allow: readonly string[];
  readonly json: boolean;
}

const DEFAULT = process.env["STAGE"] || "dev";

/** `npm run check-plan -- dev`: what the plan changes; fails when that loses data which nobody gave up by address. */
async function checkPlan(environment: string, { allow, json }: Flags): Promise<void> {
  const given = planAsked(environment);
  // npm runs its scripts in the project's folder, wherever they are called.
  const cwd = process.env["INIT_CWD"] ?? process.cwd();
  const asked = stackAsked(given);
  if (asked) announce(asked);
  const review = await reviewPlan(given, { allowed: allow, env: awsEnvironment(process.env), cwd });
  announce(readStack(review.stack));
  if (json) {
    console.log(JSON.stringify(review, undefined, 2));
    process.exitCode = review.refusals.length > 0 ? 1 : 0;
    return;
  }
  const { isTTY, columns } = process.stdout;
  console.log(printed(review, { colour: isTTY && !process.env["NO_COLOR"], width: isTTY ? columns : undefined }));
  if (review.refusals.length > 0) throw refused(review);
}

const program = tool("npm run check-plan --")
  .description(
    "Shows what a plan changes, and fails when it deletes, replaces, forgets or protects less what holds data: databases, caches, queues, buckets, tables, secrets, keys, repositories, parameters, and in production log groups. Changes nothing. Exit code 0: it may be applied; 1: refused, or no plan of what is synthesized.",
  )
  .argument(
    "[plan]",
    "an environment or a stack whose plan it is, the file that terraform plan -out wrote, or what terraform show -json said of it",
    DEFAULT,
  )
  .option(
    "--allow <address>",
    "lets one resource be lost (repeat it for more); an error when the plan does it no harm",
    (address: string, before: readonly string[]) => [...before, address],
    [] as readonly string[],
  )
  .option("--json", "prints the changes and refusals as JSON", false)
  .action((plan: string, flags: Flags) => command(() => checkPlan(plan, flags)));

void program.parseAsync();
