import { existsSync, mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import { dirname, join } from "node:path";
import { localFolder, root, type Variables } from "./project";

const PROVIDER = join("registry.terraform.io", "hashicorp", "aws");
const VERSION = "5.100.0";

/** Where administrators put mirrors, searched two folders deep; each folder's entries are bounded, so that a search takes milliseconds. */
const SYSTEM_FOLDERS = ["/usr/share", "/usr/local/share", "/usr/local/lib", "/opt", "/srv", "/var/lib"];
const SEARCH_DEPTH = 2;
const MOST_ENTRIES = 500;

export interface Places {
  readonly home: string;
  readonly systemFolders: readonly string[];
  /** The configuration that we write when we find a mirror. */
  readonly ours: string;
}

const here: Places = { home: homedir(), systemFolders: SYSTEM_FOLDERS, ours: localFolder("terraform.rc") };

/**
 * The variables with which Terraform finds its providers: a working CLI configuration is kept; else a mirror that holds
 * the AWS provider is looked for and written into a configuration of ours; else Terraform asks its registry, with a
 * cache so that a provider of 700 MB is downloaded once. A TF_CLI_CONFIG_FILE that names no file is taken away:
 * Terraform only warns of it, and ignores every other configuration.
 */
export function terraformVariables(env: Variables, places = here): Readonly<Record<string, string>> {
  const configured = env["TF_CLI_CONFIG_FILE"];
  if (configured && existsSync(configured)) return { TF_CLI_CONFIG_FILE: configured };
  if (hasOwnConfig(places.home)) return {};
  const mirror = findMirror(env, places);
  if (mirror !== undefined) {
    mkdirSync(dirname(places.ours), { recursive: true });
    writeFileSync(places.ours, mirrorConfig(mirror));
    return { TF_CLI_CONFIG_FILE: places.ours };
  }
  const cache = env["TF_PLUGIN_CACHE_DIR"] || join(dirname(places.ours), "terraform-plugins");
  mkdirSync(cache, { recursive: true }); // Terraform refuses a cache folder that does not exist.
  return { TF_PLUGIN_CACHE_DIR: cache };
}

function hasOwnConfig(home: string): boolean {
  return (
    existsSync(join(home, ".terraformrc")) ||
    entries(join(home, ".terraform.d")).some((name) => /\.tfrc(\.json)?$/.test(name))
  );
}

/** The mirror's folder: Terraform's implied places first, then the system's. */
export function findMirror(env: Variables, { home, systemFolders }: Places): string | undefined {
  const shared = (env["XDG_DATA_DIRS"] || "/usr/local/share:/usr/share").split(":");
  const implied = [
    join(root, "terraform.d", "plugins"),
    join(home, ".terraform.d", "plugins"),
    join(home, "Library", "Application Support", "io.terraform", "plugins"),
    ...[env["XDG_DATA_HOME"] || join(home, ".local", "share"), ...shared].map((data) =>
      join(data, "terraform", "plugins"),
    ),
  ];
  return (
    implied.find(isMirror) ??
    systemFolders.map((folder) => search(folder, SEARCH_DEPTH)).find((found) => found !== undefined)
  );
}

function search(folder: string, depth: number): string | undefined {
  if (isMirror(folder)) return folder;
  if (depth === 0) return undefined;
  for (const name of entries(folder).slice(0, MOST_ENTRIES)) {
    const found = search(join(folder, name), depth - 1);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** Unpacked (a folder `5.100.0`) or packed (`terraform-provider-aws_5.100.0_linux_amd64.zip`). */
function isMirror(folder: string): boolean {
  const provider = join(folder, PROVIDER);
  return existsSync(provider) && entries(provider).some((name) => name === VERSION || name.includes(`_${VERSION}_`));
}

function entries(folder: string): string[] {
  try {
    return readdirSync(folder).sort();
  } catch {
    return []; // Not a folder, not there, or not ours to read.
  }
}

/** Other providers than AWS's still come from the registry. */
export function mirrorConfig(mirror: string): string {
  return `# Written by Groundplan's commands: the AWS provider is taken from a mirror on this machine.
provider_installation {
  filesystem_mirror {
    path    = ${JSON.stringify(mirror)}
    include = ["registry.terraform.io/hashicorp/aws"]
  }
  direct {
    exclude = ["registry.terraform.io/hashicorp/aws"]
  }
}
`;
}
