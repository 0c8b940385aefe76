import { readFileSync, rmSync } from "node:fs";
import { join, resolve } from "node:path";

/** The checkout's root: commands work from any folder. */
export const root = resolve(__dirname, "../..");

interface Project {
  /** The command that synthesizes: "node_modules/.bin/ts-node -T main.ts". */
  readonly app: string;
  readonly context: { readonly [name: string]: unknown; readonly system: string };
}

/** cdktf.json. */
export function projectFile(): Project {
  return JSON.parse(readFileSync(join(root, "cdktf.json"), "utf8")) as Project;
}

/** `context` of cdktf.json. */
export function projectContext(): Project["context"] {
  return projectFile().context;
}

/** What our commands keep between runs: the virtual environment, the local AWS's state, logs. Ignored by git. */
export function localFolder(...path: string[]): string {
  return join(root, ".local", ...path);
}

/** The log of one call of a command; the call before's is removed. */
export function freshLog(name: string): string {
  const log = localFolder("logs", `${name}.log`);
  rmSync(log, { force: true });
  return log;
}

export type Variables = Readonly<Record<string, string | undefined>>;
