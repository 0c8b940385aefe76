import execa from "execa";

export interface Process {
  readonly pid: number;
  readonly parent: number;
  /** The executable's name, without its folder. */
  readonly name: string;
}

/** The processes of this machine, as `ps` of Linux and macOS tells them. */
export async function processes(): Promise<Process[]> {
  const { stdout } = await execa("ps", ["-A", "-o", "pid=,ppid=,comm="], { reject: false, stdin: "ignore" });
  return parseProcesses(stdout);
}

export function parseProcesses(listing: string): Process[] {
  return listing.split("\n").flatMap((line) => {
    const [, pid, parent, path] = /^\s*(\d+)\s+(\d+)\s+(.+?)\s*$/.exec(line) ?? [];
    return path === undefined ? [] : [{ pid: Number(pid), parent: Number(parent), name: path.replace(/^.*\//, "") }];
  });
}

/** The process `pid` and all that it started, directly or not. */
export function family(all: readonly Process[], pid: number): Process[] {
  const self = all.filter((process) => process.pid === pid);
  const children = all.filter((process) => process.parent === pid && process.pid !== pid);
  return [...self, ...children.flatMap((child) => family(all, child.pid))];
}

/** Whether a process runs; one of another user does too. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}

/** The command line of a process; empty when it does not run. Process ids are used again, so ask before you signal one. */
export async function commandLine(pid: number): Promise<string> {
  const { stdout } = await execa("ps", ["-p", String(pid), "-o", "command="], { reject: false, stdin: "ignore" });
  return stdout.trim();
}
