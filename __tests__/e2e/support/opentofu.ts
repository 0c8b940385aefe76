import { existsSync, mkdirSync, readFileSync, renameSync } from "node:fs";
import { join } from "node:path";
import execa from "execa";
import { localFolder, root } from "../../../tools/support/project";
import { run } from "../../../tools/support/run";
import { terraformVariables } from "../../../tools/support/terraform-cli-config";
import { succeeded } from "./outcome";

const MODULE = "github.com/opentofu/opentofu";
/** As its releases are built: without it the version ends in "-dev". */
const FLAGS = ["-trimpath", "-buildvcs=false", "-ldflags", `-s -w -X ${MODULE}/version.dev=no`];

/**
 * OpenTofu of the version in .opentofu-version, built by Go from its module, which Go's checksum database vouches for. Takes
 * five minutes of CPU, once: it stays in .local. (`go install` refuses a module that replaces others.)
 * @returns the program's path
 */
export async function installOpenTofu(): Promise<string> {
  const version = readFileSync(join(root, ".opentofu-version"), "utf8").trim();
  const folder = localFolder("opentofu", version);
  const program = join(folder, "tofu");
  if (existsSync(program)) return program;
  mkdirSync(folder, { recursive: true });
  const download = ["mod", "download", "-json", `${MODULE}@v${version}`];
  const { stdout, stderr, exitCode } = await execa("go", download, { cwd: folder, reject: false });
  if (exitCode !== 0) {
    throw new Error(
      `To build OpenTofu ${version}, Go is needed (https://go.dev/dl), and its module proxy: ${stderr || "found no go on the PATH"}`,
    );
  }
  const { Dir: source } = JSON.parse(stdout) as { Dir: string };
  const built = `${program}.${String(process.pid)}`;
  // Nicely: other tests wait for AWS and measure how long that takes.
  const command = ["nice", "go", "build", ...FLAGS, "-o", built, "./cmd/tofu"] as const;
  const env = Object.fromEntries(Object.entries(process.env).filter((entry): entry is [string, string] => !!entry[1]));
  succeeded(
    command,
    await run("nice", command.slice(1), { cwd: source, env, log: localFolder("logs", "opentofu.log") }),
  );
  renameSync(built, program); // A build that is broken off leaves nothing that looks finished.
  return program;
}

/** The variables with which commands take one binary or the other, and its providers. */
export function binaryVariables(binary: string): Record<string, string> {
  const chosen = { TERRAFORM_BINARY_NAME: binary };
  return { ...chosen, ...terraformVariables({ ...process.env, ...chosen }) };
}
