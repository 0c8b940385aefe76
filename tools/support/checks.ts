import { existsSync, mkdirSync, readFileSync, readdirSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import { venvPython } from "./python";
import { freshLog, localFolder, root } from "./project";
import { type Outcome, run } from "./run";
import { type JestReport, type Tally, jestTally, judged, unittestTally } from "./tally";

/** One of the things that `npm test` runs. */
export interface Check {
  readonly name: string;
  /** Works the processor hard: those run one after another, while the others mostly wait for AWS. */
  readonly busy: boolean;
  readonly run: (env: Readonly<Record<string, string>>, tell: (progress: string) => void) => Promise<Result>;
}

export interface Result extends Tally {
  /** What is shown when something failed. */
  readonly output: readonly string[];
}

const BIN = join(root, "node_modules", ".bin");
/** Files of the long runs at a time: they mostly wait, but each plan costs both cores for seconds. */
const LONG_WORKERS = 3;
/** Of the functions' own tests, in percent; their runs as bundles, in processes of their own, come on top. */
const MIN_COVERAGE = { branches: 80, functions: 80, lines: 80, statements: 80 };
const COVERAGE = [
  ...["--coverage", "--coverageProvider=v8", "--coverageReporters=text-summary"],
  `--coverageDirectory=${localFolder("coverage")}`,
  "--collectCoverageFrom=functions/**/*.ts",
  `--coverageThreshold=${JSON.stringify({ global: MIN_COVERAGE })}`,
];

/** @param all adds the long runs @param strict a skipped test counts as failed */
export function checks({ all, strict }: { readonly all: boolean; readonly strict: boolean }): Check[] {
  const quick = testFiles("__tests__/e2e");
  const long = all ? testFiles("__tests__/e2e/long") : [];
  return [
    single("types", "tsc", ["--noEmit"]),
    single("lint", "eslint", ["."]),
    single("format", "prettier", ["--check", "."]),
    jest("unit", true, ["--selectProjects", "unit"], strict),
    jest("simulation", true, ["--selectProjects", "simulation"], strict),
    jest("functions", true, ["--selectProjects", "functions", ...COVERAGE], strict),
    jest("integration", true, byPath("integration", "__tests__/integration", all), strict),
    localAws(strict),
    jest("end to end", false, e2e([...quick, ...long], all ? LONG_WORKERS : quick.length), strict),
  ];
}

/** @param all with the long ones */
function byPath(project: string, folder: string, all: boolean): string[] {
  const files = [...testFiles(folder), ...(all ? testFiles(`${folder}/long`) : [])];
  return ["--selectProjects", project, "--runTestsByPath", ...files];
}

function e2e(files: readonly string[], workers: number): string[] {
  return ["--selectProjects", "e2e", `--maxWorkers=${String(Math.max(1, workers))}`, "--runTestsByPath", ...files];
}

function testFiles(folder: string): string[] {
  const path = join(root, folder);
  if (!existsSync(path)) return [];
  return readdirSync(path)
    .filter((name) => name.endsWith(".test.ts"))
    .sort()
    .map((name) => join(folder, name));
}

/** A tool that either finds fault or does not. */
function single(name: string, tool: string, args: readonly string[]): Check {
  return {
    name,
    busy: true,
    run: async (env) => {
      const { exitCode, lines } = await execute(name, join(BIN, tool), args, env);
      return { ...judged({ passed: exitCode === 0 ? 1 : 0, failed: 0 }, exitCode), output: lines };
    },
  };
}

function jest(name: string, busy: boolean, args: readonly string[], strict: boolean): Check {
  return {
    name,
    busy,
    run: async (env, tell) => {
      const report = localFolder("reports", `${slug(name)}.json`);
      mkdirSync(dirname(report), { recursive: true });
      rmSync(report, { force: true });
      let done = 0;
      const onLine = (line: string): void => {
        if (/^\s+[✓✕○✎] /.test(line)) tell(`${String((done += 1))} tests`);
        else if (/^(PASS|FAIL) /.test(line)) tell(line);
      };
      const flags = ["--verbose", "--json", `--outputFile=${report}`, ...(strict ? ["--ci"] : [])];
      const { exitCode, lines } = await execute(name, join(BIN, "jest"), [...args, ...flags], env, onLine);
      const nothing = { passed: 0, failed: 0 };
      const tally = existsSync(report)
        ? jestTally(JSON.parse(readFileSync(report, "utf8")) as JestReport, strict)
        : nothing;
      // The report goes to the file and to the standard output, as one long line.
      return { ...judged(tally, exitCode), output: lines.filter((line) => !line.startsWith('{"num')) };
    },
  };
}

function localAws(strict: boolean): Check {
  const name = "local AWS";
  return {
    name,
    busy: true,
    run: async (env) => {
      const args = ["-m", "unittest", "discover", "local-aws/tests"];
      const { exitCode, lines } = await execute(name, venvPython, args, env);
      return { ...judged(unittestTally(lines, strict), exitCode), output: lines };
    },
  };
}

function execute(
  name: string,
  file: string,
  args: readonly string[],
  env: Readonly<Record<string, string>>,
  onLine?: (line: string) => void,
): Promise<Outcome> {
  return run(file, args, { cwd: root, env, log: freshLog(`test-${slug(name)}`), ...(onLine && { onLine }) });
}

function slug(name: string): string {
  return name.replaceAll(" ", "-");
}
