import { mkdtempSync, readFileSync, realpathSync, rmSync } from "node:fs";
import { cpus, loadavg, tmpdir } from "node:os";
import { join } from "node:path";
import { InvalidArgumentError } from "commander";
import { systems } from "../stacks";
import { type Command, LOAD } from "./bench/commands";
import { deployment } from "./bench/deployment";
import { type Group, groups } from "./bench/groups";
import { type Measure, Samples } from "./bench/samples";
import { type Row, table } from "./bench/table";
import { Failure, command } from "./support/failure";
import { awsEnvironment, withoutForeign } from "./support/local-environment";
import { checkPrerequisites } from "./support/prerequisites";
import { freshLog, projectContext, root } from "./support/project";
import { run } from "./support/run";
import { type Step, runSteps } from "./support/steps";
import { tool } from "./support/tool";

interface Flags {
  readonly runs: number;
  readonly only?: readonly string[];
  readonly deploy: boolean;
  readonly json: boolean;
}

/** `npm run bench`: how fast all of this is, beside what it should be. */
async function bench({ runs, only, deploy, json }: Flags): Promise<void> {
  const folder = mkdtempSync(join(realpathSync(tmpdir()), "groundplan-bench-"));
  try {
    const all = groups(folder);
    const chosen = selected(all, only, deploy);
    const { python } = await checkPrerequisites();
    const commands = unique([LOAD, ...chosen.flatMap(({ commands }) => commands)]);
    const samples = new Samples(LOAD.id);
    const log = freshLog("bench");
    const measure = measuring({ folder, python, log });
    if (chosen.length > 0) await steps(rounds(runs, commands, samples, measure), json);
    const rows = chosen.flatMap((group) => group.rows(samples));
    if (deploy) rows.push(...(await deployment(folder, log, (all) => steps(all, json))));
    console.log(json ? JSON.stringify({ rows, samples }, undefined, 2) : report(rows, runs));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** `--deploy` by itself measures nothing else; it waits for minutes and works for seconds. */
function selected(all: Readonly<Record<string, Group>>, only: Flags["only"], deploy: boolean): Group[] {
  const names = only ?? (deploy ? [] : Object.keys(all));
  return names.map((name) => {
    const group = all[name];
    if (group) return group;
    throw new Failure(`--only: expected ${Object.keys(all).join(", ")}, got "${name}".`, {
      next: "npm run bench -- --help",
    });
  });
}

/** Steps to the standard error when the standard output is for a program. */
async function steps(all: readonly Step[], json: boolean): Promise<void> {
  if (!json) return runSteps(all);
  for (const { run } of all) await run(() => undefined);
}

function unique(commands: readonly Command[]): Command[] {
  return [...new Map(commands.map((command) => [command.id, command])).values()];
}

/** The commands take turns, so that a machine that is busy for a while slows all of them; a first round, not counted, fills the caches. */
function rounds(
  runs: number,
  commands: readonly Command[],
  samples: Samples,
  measure: (command: Command) => Promise<Measure>,
): Step[] {
  return Array.from({ length: runs + 1 }, (_, round) => ({
    title: round === 0 ? "Warm-up" : `Round ${String(round)} of ${String(runs)}`,
    run: async (tell) => {
      for (const command of commands.filter(({ atMost = runs }) => round <= atMost)) {
        tell(command.id);
        const measured = await measure(command);
        if (round > 0) samples.add(command.id, measured);
      }
      return undefined;
    },
  }));
}

function measuring(on: { folder: string; python: string; log: string }): (command: Command) => Promise<Measure> {
  const report = join(on.folder, "measure.json");
  const { system } = projectContext();
  const common = {
    ...awsEnvironment(withoutForeign(process.env)),
    SYSTEM: system,
    PREFIX: systems[system]?.shortName ?? "",
    // ts-node's: two processes that write to the one that all share can break it.
    V8_COMPILE_CACHE_CACHE_DIR: join(on.folder, "v8"),
  };
  return async ({ id, args, cwd = root, env = {}, before }) => {
    before?.();
    const script = join(root, "tools", "bench", "measure.py");
    const options = { cwd, env: { ...common, ...env }, log: on.log };
    const { exitCode } = await run(on.python, [script, report, ...args], options);
    if (exitCode !== 0) throw new Failure(`${id}: \`${args.join(" ")}\` failed.`, { log: on.log });
    return JSON.parse(readFileSync(report, "utf8")) as Measure;
  };
}

function report(rows: readonly Row[], runs: number): string {
  const load = (loadavg()[0] ?? 0).toFixed(1);
  return [
    "",
    table(rows),
    "",
    `Medians of up to ${String(runs)} runs, which took turns. CPU: user and system, of all processes. × : times the yardstick.`,
    `Node ${process.versions.node}, ${String(cpus().length)} processors, load ${load}: with a load above their number, seconds in all say little.`,
  ].join("\n");
}

function parseRuns(text: string): number {
  const runs = Number(text);
  if (Number.isInteger(runs) && runs >= 1 && runs <= 100) return runs;
  throw new InvalidArgumentError("Expected an integer from 1 to 100.");
}

const program = tool("npm run bench --")
  .description("Measures how fast a synth, its growth, the modules and the tests are, beside what they should be.")
  .option("--runs <number>", "runs of each command, 1 to 100; modules and tests at most 3", parseRuns, 5)
  .option("--only <names...>", "some of: load, app, synth, growth, modules, tests")
  .option("--deploy", "deploys dev-stack to a local AWS of its own, and shows what it waits for; minutes", false)
  .option("--json", "rows and single runs, for a program", false)
  .addHelpText("after", "\nWhat the figures mean, and what to do about them: docs/performance.md")
  .action((flags: Flags) => command(() => bench(flags)));

void program.parseAsync();
