import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { homedir, tmpdir } from "node:os";
import { join } from "node:path";
import execa from "execa";
import type { RegistryLogin } from "./ecr-images";
import { buildFailure, noEngine, pushFailure, reason } from "./engine-errors";
import { Failure } from "./failure";
import type { Variables } from "./project";
import { isLoopback } from "./registry";
import { type Outcome, run } from "./run";

/** The commands that build and push images, those that are tried first. */
const ENGINES = ["docker", "podman"] as const;
export type EngineName = (typeof ENGINES)[number];

/** What Fargate runs here: ARM costs 20 % less than x86 (modules/ecs). */
const PLATFORM = "linux/arm64";
/** Of `docker info`, milliseconds: an engine on another host that is gone would be waited for. */
const PATIENCE = 20_000;

/** What of Docker's settings are logins, or say who keeps them. */
const LOGINS = new Set(["auths", "credsStore", "credHelpers"]);

export interface EngineTool {
  readonly env: Readonly<Record<string, string>>;
  /** The file that the engine's output is added to. */
  readonly log: string;
  readonly tell?: (progress: string) => void;
}

export interface Push {
  /** "111111111111.dkr.ecr.eu-west-1.amazonaws.com/fb-dev-api-images:4f2a9c11b0de" */
  readonly name: string;
  readonly login: RegistryLogin;
}

/**
 * Docker or Podman, whichever is there and works. CONTAINER_ENGINE names the one to take.
 * @throws Failure that says of each why it does not, and what can be done without
 */
export async function findEngine(env: Variables): Promise<ContainerEngine> {
  const wanted = env["CONTAINER_ENGINE"];
  const candidates = wanted ? [wanted] : ENGINES;
  const problems: string[] = [];
  for (const command of candidates) {
    const { stdout, exitCode } = await ask(command, ["--version"], env);
    if (exitCode !== 0) {
      problems.push(`${command}: not installed`);
      continue;
    }
    // Debian's and Fedora's podman-docker put Podman behind docker's name.
    const name: EngineName = /podman/i.test(stdout) ? "podman" : "docker";
    const info = await ask(command, ["info"], env, PATIENCE);
    if (info.exitCode === 0) return new ContainerEngine(name, command, stdout.trim());
    problems.push(`${command}: ${reason(info.stderr || info.stdout, info.timedOut)}`);
  }
  throw noEngine(problems);
}

/** Builds images of folders and pushes them. Its own credentials in a registry are never kept on the disk. */
export class ContainerEngine {
  /** @param version as it says itself: "Docker version 29.1.3, build …" */
  constructor(
    readonly name: EngineName,
    private readonly command: string,
    readonly version: string,
  ) {}

  /** Builds the image of a folder under some names, for the processor that Fargate runs it on. @throws Failure with the output's end */
  async build(folder: string, names: readonly string[], tool: EngineTool): Promise<void> {
    const tags = names.flatMap((name) => ["--tag", name]);
    // Docker adds a provenance otherwise, which makes an index of two out of one image.
    const env = { ...tool.env, BUILDX_NO_DEFAULT_ATTESTATIONS: "1", BUILDKIT_PROGRESS: "plain" };
    const outcome = await this.execute(["build", "--platform", PLATFORM, ...tags, folder], { ...tool, env });
    if (outcome.exitCode !== 0) throw buildFailure(folder, outcome.lines, tool.log);
  }

  /** Pushes what was built under a name. @returns the digest that the registry has it by @throws Failure when it is refused */
  async push({ name, login }: Push, tool: EngineTool): Promise<string> {
    const session = new Session(name, login, tool.env);
    try {
      const digestFile = join(session.folder, "digest");
      const flags = this.name === "podman" ? [...session.podmanFlags, "--digestfile", digestFile] : [];
      const env = { ...tool.env, DOCKER_CONFIG: session.folder };
      const { exitCode, lines } = await this.execute(["push", ...flags, name], { ...tool, env });
      if (exitCode !== 0) throw pushFailure(name, lines, tool.log);
      const told = existsSync(digestFile) ? readFileSync(digestFile, "utf8") : lines.join("\n");
      const [digest] = /sha256:[0-9a-f]{64}/.exec(told.slice(Math.max(0, told.lastIndexOf("digest:")))) ?? [];
      if (digest !== undefined) return digest;
      throw new Failure(`${this.name} pushed ${name}, and did not say by which digest.`, { log: tool.log });
    } finally {
      session.end();
    }
  }

  private execute(args: readonly string[], { env, log, tell }: EngineTool): Promise<Outcome> {
    const onLine = (line: string): void => {
      if (line.trim() !== "") tell?.(line.trim());
    };
    return run(this.command, args, { cwd: tmpdir(), env, log, onLine });
  }
}

/** A folder that only this user can read, with a login in it, for as long as one push takes. */
class Session {
  readonly folder = mkdtempSync(join(tmpdir(), "groundplan-login-"));
  private readonly file = join(this.folder, "config.json");
  private readonly host: string;

  constructor(name: string, { username, password }: RegistryLogin, env: Variables) {
    this.host = name.split("/")[0] ?? "";
    const auth = Buffer.from(`${username}:${password}`).toString("base64");
    const config = { ...this.borrow(env), auths: { [this.host]: { auth } } };
    writeFileSync(this.file, JSON.stringify(config), { mode: 0o600 });
  }

  get podmanFlags(): string[] {
    // Docker takes plain HTTP from this machine's own addresses as it is.
    return ["--authfile", this.file, ...(isLoopback(this.host) ? ["--tls-verify=false"] : [])];
  }

  end(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }

  /** Which engine Docker talks to stands beside its logins: that is kept, the logins and their helpers are not. */
  private borrow(env: Variables): object {
    const own = env["DOCKER_CONFIG"] ?? join(env["HOME"] ?? homedir(), ".docker");
    if (!existsSync(own)) return {};
    for (const entry of readdirSync(own).filter((it) => it !== "config.json")) {
      symlinkSync(join(own, entry), join(this.folder, entry));
    }
    const file = join(own, "config.json");
    const config = existsSync(file) ? (JSON.parse(readFileSync(file, "utf8")) as Record<string, unknown>) : {};
    return Object.fromEntries(Object.entries(config).filter(([key]) => !LOGINS.has(key)));
  }
}

/** @param timeout milliseconds; not for a command that may be missing, where execa would wait for the timeout's end */
function ask(command: string, args: readonly string[], env: Variables, timeout = 0) {
  return execa(command, args, { env, extendEnv: false, reject: false, stdin: "ignore", timeout });
}
