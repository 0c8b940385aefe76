import { existsSync, readlinkSync, realpathSync } from "node:fs";
import execa from "execa";
import { type Process, processes } from "../support/processes";
import { isTerraform } from "../support/terraform-binary";
import type { Runner } from "./lock";

/** The Terraforms and providers that run in one of some folders on this machine. One whose folder cannot be seen (another user's) is left out. */
export async function runners(folders: readonly string[]): Promise<Runner[]> {
  const all = await processes();
  const known = folders.filter((folder) => existsSync(folder)).map((folder) => realpathSync(folder));
  const terraforms = all.filter(({ name }) => isTerraform(name) || isProvider(name));
  const found: Runner[] = [];
  for (const process of terraforms) {
    if (!known.includes((await workingFolder(process.pid)) ?? "")) continue;
    found.push({ pid: process.pid, name: process.name, orphan: isOrphan(process, all) });
  }
  return found;
}

/** A provider whose parent is no Terraform any more. */
export function isOrphan({ name, parent }: Process, all: readonly Process[]): boolean {
  return isProvider(name) && !all.some(({ pid, name }) => pid === parent && isTerraform(name));
}

function isProvider(name: string): boolean {
  return name.startsWith("terraform-prov"); // Linux cuts a name after 15 characters.
}

async function workingFolder(pid: number): Promise<string | undefined> {
  try {
    return readlinkSync(`/proc/${String(pid)}/cwd`);
  } catch {
    if (process.platform === "linux") return undefined;
  }
  const { stdout } = await execa("lsof", ["-a", "-p", String(pid), "-d", "cwd", "-Fn"], {
    reject: false,
    stdin: "ignore",
  });
  return /^n(.+)$/m.exec(stdout ?? "")?.[1];
}
