import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import { dirname, join } from "node:path";
import { type Variables, localFolder } from "./project";
import { type Places, entries, findMirror } from "./provider-mirror";
import { isOpenTofu, providerRegistry } from "./terraform-binary";

const SYSTEM_FOLDERS = ["/usr/share", "/usr/local/share", "/usr/local/lib", "/opt", "/srv", "/var/lib"];

const here: Places = { home: homedir(), systemFolders: SYSTEM_FOLDERS, ours: localFolder() };

/**
 * The variables with which Terraform or OpenTofu finds its providers: a working CLI configuration is kept; else a mirror
 * that holds the AWS provider is looked for and written into a configuration of ours; else the registry is asked, with a
 * cache so that a provider of 700 MB is downloaded once. A TF_CLI_CONFIG_FILE that names no file is taken away:
 * Terraform only warns of it, and ignores every other configuration.
 */
export function terraformVariables(env: Variables, places = here): Readonly<Record<string, string>> {
  const configured = env["TF_CLI_CONFIG_FILE"];
  // One of ours may be the other binary's: `npm run local -- env` exports it.
  if (configured && existsSync(configured) && dirname(configured) !== places.ours)
    return { TF_CLI_CONFIG_FILE: configured };
  if (hasOwnConfig(env, places.home)) return {};
  mkdirSync(places.ours, { recursive: true });
  const mirror = findMirror(env, places);
  if (mirror !== undefined) {
    // One for each: two commands may run at a time.
    const file = join(places.ours, isOpenTofu(env) ? "tofu.rc" : "terraform.rc");
    keep(file, mirrorConfig(mirror, `${providerRegistry(env)}/hashicorp/aws`));
    return { TF_CLI_CONFIG_FILE: file };
  }
  const cache = env["TF_PLUGIN_CACHE_DIR"] || join(places.ours, "terraform-plugins");
  mkdirSync(cache, { recursive: true }); // Terraform refuses a cache folder that does not exist.
  return { TF_PLUGIN_CACHE_DIR: cache };
}

/** Writes a file at once and as a whole, where it is another: a Terraform that starts just now must not read half of it. */
function keep(file: string, text: string): void {
  if (existsSync(file) && readFileSync(file, "utf8") === text) return;
  const unfinished = `${file}.${String(process.pid)}`;
  writeFileSync(unfinished, text);
  renameSync(unfinished, file);
}

/** OpenTofu reads Terraform's configuration too, when it has none of its own. */
function hasOwnConfig(env: Variables, home: string): boolean {
  const { XDG_CONFIG_HOME: xdg } = env;
  const tofus = [join(home, ".tofurc"), ...(xdg ? [join(xdg, "opentofu", "tofurc")] : [])];
  return (
    existsSync(join(home, ".terraformrc")) ||
    (isOpenTofu(env) && tofus.some((file) => existsSync(file))) ||
    entries(join(home, ".terraform.d")).some((name) => /\.tfrc(\.json)?$/.test(name))
  );
}

/** Other providers than AWS's still come from the registry. */
function mirrorConfig(mirror: string, provider: string): string {
  return `# Written by Groundplan's commands: the AWS provider is taken from a mirror on this machine.
provider_installation {
  filesystem_mirror {
    path    = ${JSON.stringify(mirror)}
    include = [${JSON.stringify(provider)}]
  }
  direct {
    exclude = [${JSON.stringify(provider)}]
  }
}
`;
}
