import { type Check, type Result, checks } from "./support/checks";
import { command } from "./support/failure";
import { awsEnvironment, withoutForeign } from "./support/local-environment";
import { checkPrerequisites } from "./support/prerequisites";
import { installAwsCli, installLocalAws } from "./support/python";
import { type Step, runSteps } from "./support/steps";
import { line, sum } from "./support/tally";
import { tool } from "./support/tool";

/** How many times as many cases property tests try in the long runs. */
const LONG_FUZZ = "10";

/** `npm test` and `npm run test:all`. The last line is always "N passed, N failed". */
async function test(all: boolean): Promise<void> {
  const strict = Boolean(process.env["CI"]);
  const results = new Map<string, Result>();
  try {
    const { python } = await checkPrerequisites();
    const env = { ...awsEnvironment(withoutForeign(process.env)), ...(all && { FUZZ: LONG_FUZZ }) };
    // First, since two of the checks would install them, and at the same time.
    await runSteps([
      { title: "Local AWS installed", run: () => installLocalAws(python) },
      { title: "AWS CLI installed", run: () => installAwsCli(python) },
    ]);
    await runSteps(steps(checks({ all, strict }), env, results), { concurrent: true });
  } finally {
    const failed = [...results].filter(([, result]) => result.failed > 0);
    for (const [name, { output }] of failed) console.log(`\n──── ${name} ────\n${output.join("\n").trim()}`);
    const total = sum([...results.values()]);
    // Nothing ran: that is a failure too, told after the reason.
    const { passed, failed: count } = results.size === 0 ? { passed: 0, failed: 1 } : total;
    process.exitCode = count > 0 ? 1 : 0;
    process.once("exit", () => {
      console.log(line({ passed, failed: count }));
    });
  }
}

function steps(all: readonly Check[], env: Readonly<Record<string, string>>, results: Map<string, Result>): Step[] {
  let queue: Promise<unknown> = Promise.resolve();
  return all.map(({ name, busy, run }) => ({
    title: name,
    run: async (tell) => {
      const before = queue;
      const result = (busy ? before : Promise.resolve()).then(() => run(env, tell));
      if (busy) queue = result.catch(() => undefined);
      results.set(name, await result);
      return line(await result);
    },
  }));
}

const program = tool("npm test --")
  .description(
    "Lint, types, format, unit and conformance tests, the local AWS's own tests, and the default system end to end.",
  )
  .option("--all", "adds the long runs (npm run test:all)", false)
  .action(({ all }: { all: boolean }) => command(() => test(all)));

void program.parseAsync();
