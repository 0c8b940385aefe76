import { mkdirSync, readFileSync, readdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { projectFile, root } from "../support/project";

/** Something that is run and measured. */
export interface Command {
  readonly id: string;
  readonly args: readonly [string, ...string[]];
  /** @default the project's root */
  readonly cwd?: string;
  /** Beside those that all commands get. */
  readonly env?: Readonly<Record<string, string>>;
  /** Done before each run, not measured. */
  readonly before?: () => void;
  /** The most runs, for what takes long and varies little. @default as many as are asked for */
  readonly atMost?: number;
}

const BIN = join(root, "node_modules", ".bin");
const TS_NODE = [join(BIN, "ts-node"), "-T"] as const;
const BUNDLES = join(root, "node_modules", ".cache", "groundplan");
const EMPTY_APP = `import { App, TerraformStack } from "cdktf";
const app = new App();
new TerraformStack(app, "empty");
app.synth();
`;

/** The yardstick. */
export const LOAD: Command = { id: "load", args: ["node", "-e", 'require("cdktf")'] };

/** The app as `cdktf synth` starts it, without the CLI. */
export function app(id: string, folder: string, before?: () => void): Command {
  const [file = "", ...args] = projectFile().app.split(" ");
  const env = { CDKTF_OUTDIR: join(folder, id) };
  return { id, args: [file, ...args], env, ...(before && { before }) };
}

export function withoutBundles(): void {
  rmSync(BUNDLES, { recursive: true, force: true });
}

/** `cdktf synth` of this project. */
export function synth(folder: string): Command {
  return { id: "synth", args: [join(BIN, "cdktf"), "synth", "--output", join(folder, "synth")] };
}

/** `cdktf synth` of an app with one empty stack, set up as this project is. */
export function synthEmpty(folder: string): Command {
  const cwd = join(folder, "empty");
  mkdirSync(cwd, { recursive: true });
  writeFileSync(join(cwd, "main.ts"), EMPTY_APP);
  for (const file of ["cdktf.json", "tsconfig.json"]) writeFileSync(join(cwd, file), readFileSync(join(root, file)));
  symlinkSync(join(root, "node_modules"), join(cwd, "node_modules"));
  return { id: "empty", args: [join(BIN, "cdktf"), "synth"], cwd };
}

/** An app of so many environments. */
export function grown(count: number, folder: string): Command {
  const outdir = join(folder, `grown-${String(count)}`);
  const args = [...TS_NODE, "tools/bench/many-environments.ts", String(count), outdir] as const;
  return { id: `grown-${String(count)}`, args, before: () => mkdirSync(outdir, { recursive: true }) };
}

/** What is loaded one by one: every module, and all systems together. */
export function loaded(): string[] {
  const modules = readdirSync(join(root, "modules")).sort();
  return [...modules.map((module) => `modules/${module}`), "stacks/index"];
}

/** A process that loads cdktf and then, unless it is undefined, a folder of ours. */
export function loads(path?: string): Command {
  const args = [...TS_NODE, "tools/bench/load-module.ts", ...(path === undefined ? [] : [path])] as const;
  return { id: `load ${path ?? "nothing"}`, args, atMost: 3 };
}

export const TESTS: Command = { id: "tests", args: [join(BIN, "jest"), "--selectProjects", "unit"], atMost: 3 };
