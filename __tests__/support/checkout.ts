import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { unzipSync } from "fflate";

const folders: string[] = [];

afterAll(() => folders.forEach((folder) => rmSync(folder, { recursive: true })));

/** A new folder; it is deleted after the last test. */
export function temporary(): string {
  folders.push(mkdtempSync(join(tmpdir(), "bundle-")));
  return folders.at(-1) ?? "";
}

/** All that `temporary` made: what must not be found in anything reproducible. */
export const temporaries: readonly string[] = folders;

export function write(root: string, files: Record<string, string>): void {
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, name)), { recursive: true });
    writeFileSync(join(root, name), text);
    // As old as a checkout: what is saved during a build is never remembered.
    utimesSync(join(root, name), 1, 1);
  }
}

/** The handler of the small project. */
export const HANDLER = "functions/greet/handler.ts";
const PROJECT = {
  "package.json": "{}",
  "node_modules/.package-lock.json": "{}",
  "node_modules/name/package.json": `{ "name": "name", "main": "index.js", "module": "index.mjs" }`,
  "node_modules/name/index.js": `exports.name = "cjs"; exports.unused = "unused, cjs";`,
  "node_modules/name/index.mjs": `export const name = "world"; export const unused = "unused, esm";`,
  [HANDLER]: `import { name } from "name";
import { greeting } from "./greeting";
interface Event { readonly fail?: boolean }
export const handler = (event: Event): string => {
  if (event.fail) throw new Error("no greeting");
  return greeting + ", " + name;
};`,
  "functions/greet/greeting.ts": `export const greeting: string = "Hello";`,
};

/** A checkout of a small project, in a new folder. */
export function checkout(name = "checkout"): string {
  const root = join(temporary(), name);
  write(root, PROJECT);
  return root;
}

/** The files of a zip. */
export const filesOf = (path: string) => unzipSync(readFileSync(path));

/** Runs an expression on the unzipped bundle, in a folder where nothing is installed. */
export function run(path: string, expression: string, env: Record<string, string> = {}): string {
  const folder = temporary();
  for (const [name, content] of Object.entries(filesOf(path))) writeFileSync(join(folder, name), content);
  const script = `const { handler } = require("./index.js"); console.log(String(${expression}))`;
  return execFileSync(process.execPath, ["-e", script], { cwd: folder, env, encoding: "utf8" }).trim();
}
