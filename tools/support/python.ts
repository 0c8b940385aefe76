import { createHash } from "node:crypto";
import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Failure } from "./failure";
import { awsEnvironment } from "./local-environment";
import { localFolder, root } from "./project";
import { run } from "./run";

/** A virtual environment of ours, and the pinned packages that it holds. */
interface Environment {
  readonly what: string;
  readonly folder: string;
  readonly requirements: string;
}

const LOCAL_AWS: Environment = {
  what: "The local AWS",
  folder: localFolder("venv"),
  requirements: join(root, "local-aws", "requirements.txt"),
};
/** In one of its own: it pins another botocore. */
const AWS_CLI: Environment = {
  what: "The AWS CLI",
  folder: localFolder("venv-cli"),
  requirements: join(root, "local-aws", "requirements-cli.txt"),
};

/** The Python of the local AWS's virtual environment. */
export const venvPython = join(LOCAL_AWS.folder, "bin", "python");

/** The AWS CLI that the end-to-end tests use. */
export const awsCli = join(AWS_CLI.folder, "bin", "aws");

/** Makes the virtual environment of the local AWS, or says that it is up to date. Every package is checked by its hash. */
export function installLocalAws(python: string): Promise<string> {
  return install(LOCAL_AWS, python);
}

/** The same for the AWS CLI. */
export function installAwsCli(python: string): Promise<string> {
  return install(AWS_CLI, python);
}

async function install({ what, folder, requirements }: Environment, python: string): Promise<string> {
  const bin = join(folder, "bin", "python");
  /** The hash of the requirements that were installed in full. */
  const stamp = join(folder, "requirements.sha256");
  const wanted = createHash("sha256").update(readFileSync(requirements)).digest("hex");
  if (existsSync(stamp) && readFileSync(stamp, "utf8") === wanted && existsSync(bin)) return "up to date";
  rmSync(folder, { recursive: true, force: true });
  const log = localFolder("logs", "install.log");
  const options = { cwd: root, env: awsEnvironment(process.env), log };
  const made = await run(python, ["-m", "venv", folder], options);
  if (made.exitCode !== 0) throw new Failure("The virtual environment could not be made.", { log });
  const pip = [
    "-m",
    "pip",
    "install",
    "--disable-pip-version-check",
    "--no-input",
    "--require-hashes",
    "-r",
    requirements,
  ];
  const installed = await run(bin, pip, options);
  if (installed.exitCode !== 0) {
    const error = installed.lines.findLast((line) => line.startsWith("ERROR:")) ?? "pip failed";
    throw new Failure(`${what} could not be installed: ${error}`, { log, next: "npm run local" });
  }
  writeFileSync(stamp, wanted);
  return "installed";
}
