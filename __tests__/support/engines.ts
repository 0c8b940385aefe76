import { existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { shellText } from "../../tools/support/shell";

/** What a command ends with, and what it prints. */
type Outcome = readonly [exitCode: number, output: string];

/** How the command of an engine behaves. */
export interface Behaviour {
  readonly version: string;
  readonly info?: Outcome;
  readonly build?: Outcome;
  readonly push?: Outcome;
  /** What podman writes into its digest file. @default nothing */
  readonly digest?: string;
}

/** What an engine's command was called with. */
export interface Call {
  readonly args: readonly string[];
  /** The names in the folder of Docker's settings. */
  readonly settings: readonly string[];
  /** The file with its login: podman's --authfile, or config.json of Docker's settings. */
  readonly login: string;
}

/** Commands that are called as the engines are, and only note what they were told. Nothing else is on their PATH. */
export class TestEngines {
  private readonly folder = mkdtempSync(join(tmpdir(), "engines-"));
  readonly home = join(this.folder, "home");
  readonly log = join(this.folder, "engine.log");
  readonly env = { PATH: join(this.folder, "bin"), HOME: this.home };

  constructor(behaviours: Readonly<Record<string, Behaviour>>) {
    for (const name of ["bin", "home", "calls"]) mkdirSync(join(this.folder, name));
    for (const [command, behaviour] of Object.entries(behaviours)) {
      writeFileSync(join(this.env.PATH, command), script(join(this.folder, "calls"), behaviour), { mode: 0o755 });
    }
  }

  /** Its builds and pushes, in their order. */
  get calls(): Call[] {
    const folder = join(this.folder, "calls");
    return readdirSync(folder)
      .sort()
      .map((name) => {
        const [settings, login] = [join(folder, name, "settings"), join(folder, name, "login")];
        return {
          args: readFileSync(join(folder, name, "args"), "utf8")
            .trim()
            .split("\n"),
          settings: existsSync(settings) ? readdirSync(settings).sort() : [],
          login: existsSync(login) ? readFileSync(login, "utf8") : "",
        };
      });
  }

  end(): void {
    rmSync(this.folder, { recursive: true });
  }
}

function script(
  calls: string,
  { version, info = [0, ""], build = [0, ""], push = [0, ""], digest }: Behaviour,
): string {
  const outcome = ([exitCode, output]: Outcome): string =>
    `${shellText(["printf", "%s", output])}${exitCode === 0 ? "" : " >&2"}; exit ${String(exitCode)}`;
  return `#!/bin/sh
PATH=/usr/bin:/bin
case $1 in
--version) ${outcome([0, version])} ;;
info) ${outcome(info)} ;;
esac
set -- "$@"
call=${calls}/$(ls ${calls} | wc -l | tr -d ' ')
mkdir "$call"
printf '%s\\n' "$@" >"$call/args"
if [ -n "$DOCKER_CONFIG" ]; then
  cp -RL "$DOCKER_CONFIG" "$call/settings"
  cp "$DOCKER_CONFIG/config.json" "$call/login"
fi
command=$1
while [ $# -gt 0 ]; do
  case $1 in
  --authfile) cp "$2" "$call/login" ;;
  --digestfile) printf '%s' '${digest ?? ""}' >"$2" ;;
  esac
  shift
done
case $command in
build) ${outcome(build)} ;;
push) ${outcome(push)} ;;
esac
`;
}
