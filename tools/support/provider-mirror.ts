import { mkdirSync, readdirSync, readlinkSync, rmSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { type Variables, root } from "./project";
import { isOpenTofu, providerRegistry } from "./terraform-binary";

const PROVIDER = join("hashicorp", "aws");
export const VERSION = "5.100.0";

const SEARCH_DEPTH = 2;
const MOST_ENTRIES = 500;

export interface Places {
  readonly home: string;
  /** Where administrators put mirrors, searched two folders deep; each folder's entries are bounded, so that a search takes milliseconds. */
  readonly systemFolders: readonly string[];
  /** A folder for what we write: the configuration when there is a mirror, and links into it. */
  readonly ours: string;
}

/**
 * The folder of a mirror that holds the AWS provider as the binary in use looks it up. OpenTofu asks for it by another
 * registry's name: where the only mirror is Terraform's, it gets a folder of links into that.
 */
export function findMirror(env: Variables, places: Places): string | undefined {
  const registry = providerRegistry(env);
  const own = find(registry, env, places);
  if (own !== undefined || !isOpenTofu(env)) return own;
  const terraforms = providerRegistry({});
  const mirror = find(terraforms, env, places);
  return mirror && linked(join(mirror, terraforms), join(places.ours, "opentofu-mirror"), registry);
}

/** Terraform's implied places first, then the system's. */
function find(registry: string, env: Variables, { home, systemFolders }: Places): string | undefined {
  const shared = (env["XDG_DATA_DIRS"] || "/usr/local/share:/usr/share").split(":");
  const data = [env["XDG_DATA_HOME"] || join(home, ".local", "share"), ...shared];
  const implied = [
    join(root, "terraform.d", "plugins"),
    join(home, ".terraform.d", "plugins"),
    join(home, "Library", "Application Support", "io.terraform", "plugins"),
    ...data.flatMap((folder) => [join(folder, "terraform", "plugins"), join(folder, "opentofu", "plugins")]),
  ];
  const isMirror = (folder: string): boolean => packages(join(folder, registry)).length > 0;
  return (
    implied.find(isMirror) ??
    systemFolders.map((folder) => search(folder, SEARCH_DEPTH, isMirror)).find((found) => found !== undefined)
  );
}

function search(folder: string, depth: number, isMirror: (folder: string) => boolean): string | undefined {
  if (isMirror(folder)) return folder;
  if (depth === 0) return undefined;
  for (const name of entries(folder).slice(0, MOST_ENTRIES)) {
    const found = search(join(folder, name), depth - 1, isMirror);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** The provider's packages below a registry's folder: packed (`terraform-provider-aws_5.100.0_linux_amd64.zip`) or not (`5.100.0/linux_amd64`). */
function packages(registry: string): string[] {
  const provider = join(registry, PROVIDER);
  const zips = entries(provider).filter((name) => name.includes(`_${VERSION}_`));
  return [...zips, ...entries(join(provider, VERSION)).map((platform) => join(VERSION, platform))];
}

/**
 * A mirror of links, package by package: a link further up is not followed. A link that is right stays untouched, since
 * stacks that were initialized start their provider through it.
 */
function linked(from: string, mirror: string, registry: string): string {
  const provider = join(mirror, registry, PROVIDER);
  mkdirSync(join(provider, VERSION), { recursive: true });
  for (const name of packages(from)) {
    const [target, link] = [join(from, PROVIDER, name), join(provider, name)];
    if (linkedTo(link) === target) continue;
    rmSync(link, { force: true });
    symlinkSync(target, link);
  }
  return mirror;
}

function linkedTo(link: string): string | undefined {
  try {
    return readlinkSync(link);
  } catch {
    return undefined; // Not there yet.
  }
}

export function entries(folder: string): string[] {
  try {
    return readdirSync(folder).sort();
  } catch {
    return []; // Not a folder, not there, or not ours to read.
  }
}
