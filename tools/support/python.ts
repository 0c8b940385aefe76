import { createHash } from "node:crypto";
import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Failure } from "./failure";
import { awsEnvironment } from "./local-environment";
import { localFolder, root } from "./project";
import { run } from "./run";

const REQUIREMENTS = join(root, "local-aws", "requirements.txt");
const VENV = localFolder("venv");
/** The hash of the requirements that were installed in full. */
const STAMP = join(VENV, "requirements.sha256");

/** The Python of the local AWS's virtual environment. */
export const venvPython = join(VENV, "bin", "python");

/** Makes the virtual environment of the local AWS, or says that it is up to date. Every package is checked by its hash. */
export async function installLocalAws(python: string): Promise<string> {
  const wanted = createHash("sha256").update(readFileSync(REQUIREMENTS)).digest("hex");
  if (existsSync(STAMP) && readFileSync(STAMP, "utf8") === wanted && existsSync(venvPython)) return "up to date";
  rmSync(VENV, { recursive: true, force: true });
  const log = localFolder("logs", "install.log");
  const options = { cwd: root, env: awsEnvironment(process.env), log };
  const made = await run(python, ["-m", "venv", VENV], options);
  if (made.exitCode !== 0) throw new Failure("The virtual environment could not be made.", { log });
  const pip = [
    "-m",
    "pip",
    "install",
    "--disable-pip-version-check",
    "--no-input",
    "--require-hashes",
    "-r",
    REQUIREMENTS,
  ];
  const installed = await run(venvPython, pip, options);
  if (installed.exitCode !== 0) {
    const error = installed.lines.findLast((line) => line.startsWith("ERROR:")) ?? "pip failed";
    throw new Failure(`The local AWS could not be installed: ${error}`, { log, next: "npm run local" });
  }
  writeFileSync(STAMP, wanted);
  return "installed";
}
