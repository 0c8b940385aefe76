import execa from "execa";
import { Failure } from "./failure";
import type { Variables } from "./project";
import { isOpenTofu, terraformBinary, terraformName } from "./terraform-binary";

/** Three numbers, compared from the left. */
type Version = readonly [number, number, number];

export interface Python {
  /** The interpreter that is new enough and can make virtual environments. */
  readonly python: string;
}

const NODE = { from: [20, 19, 0], below: [23, 0, 0] } as const;
const TERRAFORM = { from: [1, 11, 0], below: [2, 0, 0] } as const;
const PYTHON = { from: [3, 10, 0], below: [4, 0, 0] } as const;
const PYTHON_COMMANDS = ["python3", "python", "python3.13", "python3.12", "python3.11", "python3.10"];

/**
 * Checks what must be installed by hand for AWS: Node.js and Terraform.
 * @throws Failure that names everything that is missing or of the wrong version, at once, and where to get it
 */
export async function checkTerraform(): Promise<void> {
  refuse(await terraformProblems());
}

/** Likewise for the local AWS, which needs Python too. */
export async function checkPrerequisites(): Promise<Python> {
  const [problems, pythons] = await Promise.all([
    terraformProblems(),
    Promise.all(PYTHON_COMMANDS.map(async (name) => ({ name, answer: await output(name, ["-c", PYTHON_QUESTION]) }))),
  ]);
  const python = pythons.find(({ answer }) => pythonProblem(answer) === undefined);
  const answer = pythons.find((it) => it.answer !== undefined)?.answer;
  refuse([...problems, ...(python ? [] : [pythonProblem(answer)])]);
  return { python: python?.name ?? "" };
}

async function terraformProblems(): Promise<(string | undefined)[]> {
  const terraform = await output(terraformBinary(), ["version", "-json"]);
  return [nodeProblem(process.versions.node), terraformProblem(terraform)];
}

function refuse(all: readonly (string | undefined)[]): void {
  const problems = all.filter((problem) => problem !== undefined);
  if (problems.length > 0)
    throw new Failure(["Before this can run:", ...problems.map((problem) => `- ${problem}`)].join("\n"));
}

/** Debian and Ubuntu ship `venv` without `ensurepip`; then a virtual environment has no pip. */
const PYTHON_QUESTION = `
import sys
print("%d.%d.%d" % sys.version_info[:3])
import venv, ensurepip
print("venv")
`;

export function nodeProblem(version: string): string | undefined {
  if (within(parse(version), NODE)) return undefined;
  return `Node.js: expected 20.19 to 22 (cdktf-cli 0.21 does not run on 24), got ${version}. Get it from https://nodejs.org/en/download, or run \`nvm install\` here.`;
}

/** @param answer what `version -json` printed; undefined when there is no such program */
export function terraformProblem(answer: string | undefined, env: Variables = process.env): string | undefined {
  const name = terraformName(env);
  const get = isOpenTofu(env)
    ? "Get it from https://opentofu.org/docs/intro/install, or run `tofuenv install` here."
    : "Get it from https://developer.hashicorp.com/terraform/install, or run `tfenv install` here.";
  if (answer === undefined)
    return `${name}: expected 1.11 or newer, found no ${terraformBinary(env)} on the PATH. ${get}`;
  const version = /"terraform_version":\s*"([^"]+)"/.exec(answer)?.[1] ?? "an unknown version";
  if (within(parse(version), TERRAFORM)) return undefined;
  return `${name}: expected 1.11 or newer, below 2 (write-only arguments need 1.11), got ${version}. ${get}`;
}

/** @param answer what the question about version and venv printed; undefined when there is no Python */
export function pythonProblem(answer: string | undefined): string | undefined {
  const get = "Get it from https://www.python.org/downloads.";
  if (answer === undefined) return `Python: expected 3.10 or newer (for the local AWS), found none on the PATH. ${get}`;
  const [version = "", venv] = answer.trim().split(/\s+/);
  if (!within(parse(version), PYTHON)) return `Python: expected 3.10 or newer, got ${version}. ${get}`;
  if (venv === "venv") return undefined;
  return `Python ${version} cannot make virtual environments. Install its venv package (Debian, Ubuntu: sudo apt install python3-venv).`;
}

function within(version: Version, { from, below }: { from: Version; below: Version }): boolean {
  return compare(version, from) >= 0 && compare(version, below) < 0;
}

function parse(version: string): Version {
  const [, major = "0", minor = "0", patch = "0"] = /^v?(\d+)\.(\d+)(?:\.(\d+))?/.exec(version) ?? [];
  return [Number(major), Number(minor), Number(patch)];
}

function compare(a: Version, b: Version): number {
  return a[0] - b[0] || a[1] - b[1] || a[2] - b[2];
}

async function output(file: string, args: string[]): Promise<string | undefined> {
  // Without a timeout: one that is slow under load would be told to be missing, and of one that is missing execa waits for the timeout's end.
  const { stdout, exitCode } = await execa(file, args, { reject: false, stdin: "ignore" });
  // No exit code: there is no such command. A Python without venv prints its version before it fails.
  return exitCode === undefined || stdout === "" ? undefined : stdout;
}
