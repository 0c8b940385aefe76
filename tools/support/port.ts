import { readFileSync, readdirSync, readlinkSync } from "node:fs";
import { type AddressInfo, createServer } from "node:net";
import execa from "execa";
import { Failure } from "./failure";
import { commandLine } from "./processes";
import { typed } from "./shell";

export function parsePort(text: string): number {
  const port = Number(text);
  if (Number.isInteger(port) && port >= 1 && port <= 65_535) return port;
  throw new Failure(`--port: expected an integer from 1 to 65535, got "${text}".`, {
    next: typed({ without: ["--port"], plus: ["--port", "4600"] }),
  });
}

/** @throws Failure that names the process that listens on the port, where that can be known */
export async function checkFree(port: number): Promise<void> {
  const problem = await listenError(port);
  if (problem === undefined) return;
  if (problem === "EACCES") {
    throw new Failure(`Port ${String(port)} is reserved for root.`, { next: "npm run local -- --port 4600" });
  }
  const pid = await listener(port);
  throw usedPort(port, pid === undefined ? undefined : { pid, command: await commandLine(pid) });
}

export function usedPort(port: number, by?: { pid: number; command: string }): Failure {
  const who = by ? `: process ${String(by.pid)} listens there (${by.command.slice(0, 80)})` : "";
  const other = port >= 65_000 ? 4600 : port + 100;
  return new Failure(`Port ${String(port)} is in use${who}. Stop that process, or take another port.`, {
    next: `npm run local -- --port ${String(other)}`,
  });
}

export function listenError(port: number): Promise<string | undefined> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once("error", (error: NodeJS.ErrnoException) => {
      resolve(error.code ?? error.message);
    });
    server.listen(port, "127.0.0.1", () =>
      server.close(() => {
        resolve(undefined);
      }),
    );
  });
}

async function listener(port: number): Promise<number | undefined> {
  const { stdout } = await execa("lsof", ["-nP", "-t", `-iTCP:${String(port)}`, "-sTCP:LISTEN"], {
    reject: false,
    stdin: "ignore",
  });
  const pid = /^\d+/.exec(stdout ?? "")?.[0];
  return pid === undefined ? linuxListener(port) : Number(pid);
}

/** The same from /proc, where there is no lsof: the listening socket's inode, then the process that holds it. */
function linuxListener(port: number): number | undefined {
  try {
    const hex = `:${port.toString(16).toUpperCase().padStart(4, "0")}`;
    const rows = readFileSync("/proc/net/tcp", "utf8")
      .split("\n")
      .map((row) => row.trim().split(/\s+/));
    const inode = rows.find((row) => row[1]?.endsWith(hex) && row[3] === "0A")?.[9];
    const pids = readdirSync("/proc").filter((name) => /^\d+$/.test(name));
    const holder = inode && pids.find((pid) => holds(pid, `socket:[${inode}]`));
    return holder ? Number(holder) : undefined;
  } catch {
    return undefined;
  }
}

function holds(pid: string, socket: string): boolean {
  try {
    return readdirSync(`/proc/${pid}/fd`).some((fd) => readlinkSync(`/proc/${pid}/fd/${fd}`) === socket);
  } catch {
    return false; // Another user's process, or one that has ended.
  }
}

/** A port of 127.0.0.1 that nobody listened on a moment ago. */
export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}
