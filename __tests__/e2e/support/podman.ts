import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { delimiter, join } from "node:path";
import { localFolder } from "../../../tools/support/project";
import { run } from "../../../tools/support/run";
import { succeeded } from "./outcome";

/** Podman and what it needs to build and push; to run containers takes more. */
const PACKAGES = ["podman", "conmon", "crun", "libgpgme11", "libsubid4", "libyajl2", "golang-github-containers-image"];
const FOLDER = localFolder("podman");
/** Where Podman notes, as root, in which registries it has seen a layer. */
const CACHE = "/var/lib/containers";

/** Whether `installPodman` can work here: as another user Podman needs helpers that only root can install. */
export function podmanCanBeInstalled(): boolean {
  return process.getuid?.() === 0 && spawnSync("apt-get", ["--version"]).status === 0;
}

/**
 * Podman, from Debian's packages, unpacked into .local/podman: it needs no daemon, keeps its images there, and nothing of the
 * machine is changed. Apt checks the packages' signatures, with lists and a cache in that folder too.
 * @returns the environment in which it is found first
 */
export async function installPodman(
  env: Readonly<Record<string, string>>,
): Promise<{ readonly env: Record<string, string>; readonly end: () => void }> {
  const program = script();
  const stamp = join(FOLDER, "installed.sha256");
  const wanted = createHash("sha256")
    .update(program + PACKAGES.join())
    .digest("hex");
  const cacheThere = existsSync(CACHE);
  if (!existsSync(stamp) || readFileSync(stamp, "utf8") !== wanted) {
    rmSync(FOLDER, { recursive: true, force: true });
    await unpack(env);
    settings(program);
    writeFileSync(stamp, wanted);
  }
  return {
    env: { ...env, PATH: [join(FOLDER, "bin"), env["PATH"]].join(delimiter), CONTAINER_ENGINE: "podman" },
    end: () => {
      const mine = [join(FOLDER, "images"), join(FOLDER, "run"), ...(cacheThere ? [] : [CACHE])];
      for (const folder of mine) rmSync(folder, { recursive: true, force: true });
    },
  };
}

async function unpack(env: Readonly<Record<string, string>>): Promise<void> {
  const downloads = join(FOLDER, "packages");
  for (const folder of [downloads, join(FOLDER, "apt/lists/partial"), join(FOLDER, "apt/cache/archives/partial")]) {
    mkdirSync(folder, { recursive: true });
  }
  const lists = `Dir::State::lists=${join(FOLDER, "apt/lists")}`;
  const apt = ["-o", lists, "-o", `Dir::Cache=${join(FOLDER, "apt/cache")}`, "-o", "APT::Sandbox::User=root"];
  const command = async (...[file, ...args]: [string, ...string[]]): Promise<void> => {
    const options = { cwd: downloads, env, log: localFolder("logs", "podman.log") };
    succeeded([file, ...args], await run(file, args, options));
  };
  await command("apt-get", ...apt, "update");
  await command("apt-get", ...apt, "download", ...PACKAGES);
  for (const name of readdirSync(downloads)) await command("dpkg-deb", "--extract", name, join(FOLDER, "unpacked"));
  rmSync(downloads, { recursive: true });
  rmSync(join(FOLDER, "apt"), { recursive: true });
}

function settings(program: string): void {
  const file = (name: string, text: string, mode = 0o644): void => {
    mkdirSync(join(FOLDER, name, ".."), { recursive: true });
    writeFileSync(join(FOLDER, name), text, { mode });
  };
  file("bin/podman", program, 0o755);
  file("home/.config/containers/policy.json", JSON.stringify({ default: [{ type: "insecureAcceptAnything" }] }));
  file("registries.conf", "");
  file(
    "storage.conf",
    `[storage]
driver = "vfs"
runroot = "${FOLDER}/run"
graphroot = "${FOLDER}/images"
`,
  );
  file(
    "containers.conf",
    `[engine]
runtime = "crun"
events_logger = "none"
cgroup_manager = "cgroupfs"
static_dir = "${FOLDER}/libpod"
tmp_dir = "${FOLDER}/run/libpod"
conmon_path = ["${FOLDER}/unpacked/usr/bin/conmon"]
[engine.runtimes]
crun = ["${FOLDER}/unpacked/usr/bin/crun"]
`,
  );
}

/** Podman with settings, libraries and a home of its own. */
function script(): string {
  return `#!/bin/sh
libraries=$(echo ${FOLDER}/unpacked/usr/lib/*-linux-gnu)
export LD_LIBRARY_PATH="$libraries" HOME=${FOLDER}/home XDG_CONFIG_HOME=${FOLDER}/home/.config BUILDAH_ISOLATION=chroot
export CONTAINERS_CONF=${FOLDER}/containers.conf CONTAINERS_STORAGE_CONF=${FOLDER}/storage.conf CONTAINERS_REGISTRIES_CONF=${FOLDER}/registries.conf
exec ${FOLDER}/unpacked/usr/bin/podman "$@"
`;
}
