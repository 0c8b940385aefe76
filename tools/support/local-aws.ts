import { type ChildProcess, spawn } from "node:child_process";
import { mkdirSync, openSync, readFileSync, writeFileSync } from "node:fs";
import { join, relative } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { Failure } from "./failure";
import { type LocalTarget, endpoint, serverEnvironment } from "./local-environment";
import { localPostgres } from "./local-postgres";
import { checkFree } from "./port";
import { commandLine, isAlive } from "./processes";
import { localFolder, root } from "./project";
import { venvPython } from "./python";

const SCRIPT = join(root, "local-aws", "run.py");
/** It is ready in under a second; a loaded machine may take longer to start Python. */
const READY_SECONDS = 120;
/** It writes its state when it stops: at once, on a machine with nothing else to do. */
const STOP_SECONDS = 120;

export interface Running {
  readonly pid: number;
  readonly port: number;
}

/** What the record file says: the port stays when the process has gone. */
interface Recorded {
  readonly pid?: number;
  readonly port: number;
}

/** A local AWS in the background: its state, its log and its process id are in one folder. */
export class LocalAws {
  readonly log: string;
  private readonly record: string;

  /** @param extra variables for its process, beside those that it needs */
  constructor(
    private readonly folder = localFolder(),
    private readonly extra: Readonly<Record<string, string>> = {},
  ) {
    this.log = join(folder, "aws.log");
    this.record = join(folder, "aws.pid");
  }

  /** The one that runs from this folder, if any. */
  async running(): Promise<Running | undefined> {
    const { pid, port } = this.recorded() ?? {};
    if (pid === undefined || port === undefined || !isAlive(pid)) return undefined;
    // The process's number may have been given to another one since.
    return (await commandLine(pid)).includes("run.py") ? { pid, port } : undefined;
  }

  /** The port that its state was made on: queues' addresses, which are their ids in Terraform's state, name it. */
  get port(): number | undefined {
    return this.recorded()?.port;
  }

  /**
   * Starts it, with the state that it was stopped with, or finds it running. It outlives this process.
   * @throws Failure when the port is used, or is another one than its state was made on
   */
  async start({ port, account }: LocalTarget): Promise<"started" | "running"> {
    if (this.port !== undefined && this.port !== port) {
      throw new Failure(
        `What is in the local AWS was made on port ${String(this.port)}, which its addresses name, so it cannot move to ${String(port)}. Keep the port, or throw all of it away first: npm run local -- stop && rm -rf ${relative(root, join(this.folder, "state"))} ${relative(root, this.record)}`,
        { next: "npm run local" },
      );
    }
    if (await this.running()) {
      await this.ready(port);
      return "running";
    }
    await checkFree(port);
    mkdirSync(this.folder, { recursive: true });
    const log = openSync(this.log, "a");
    const child = spawn(venvPython, [SCRIPT], {
      detached: true,
      stdio: ["ignore", log, log],
      env: await this.variables(port, account),
    });
    if (child.pid === undefined)
      throw new Failure("The local AWS could not be started.", { log: this.log, next: "npm run local" });
    writeFileSync(this.record, JSON.stringify({ pid: child.pid, port } satisfies Recorded));
    await this.ready(port, child);
    child.unref();
    return "started";
  }

  /** Stops it; its state is kept. Returns whether it ran. */
  async stop(): Promise<boolean> {
    const running = await this.running();
    if (!running) return false;
    process.kill(running.pid, "SIGTERM");
    const deadline = Date.now() + STOP_SECONDS * 1000;
    while (isAlive(running.pid)) {
      if (Date.now() > deadline) {
        throw new Failure(
          `The local AWS (process ${String(running.pid)}) does not stop. Killing it loses what changed in the last seconds.`,
          {
            log: this.log,
            next: `kill -9 ${String(running.pid)}`,
          },
        );
      }
      await sleep(100);
    }
    writeFileSync(this.record, JSON.stringify({ port: running.port } satisfies Recorded));
    return true;
  }

  private async variables(port: number, account: LocalTarget["account"]): Promise<NodeJS.ProcessEnv> {
    const state = (name: string): string => {
      const folder = join(this.folder, "state", name);
      mkdirSync(folder, { recursive: true });
      return folder;
    };
    return {
      ...serverEnvironment(process.env),
      GATEWAY_PORT: String(port),
      BIND_HOST: "127.0.0.1",
      MINISTACK_HOST: "127.0.0.1",
      MINISTACK_ACCOUNT_ID: account.id,
      MINISTACK_REGION: account.region,
      PERSIST_STATE: "1",
      STATE_DIR: state("services"),
      S3_PERSIST: "1",
      S3_DATA_DIR: state("s3"),
      ...(await localPostgres(join(this.folder, "postgres-tls"))),
      ...this.extra,
    };
  }

  private async ready(port: number, child?: ChildProcess): Promise<void> {
    const deadline = Date.now() + READY_SECONDS * 1000;
    while (!(await answers(port))) {
      const ended = child && (child.exitCode !== null || child.signalCode !== null);
      if (ended || Date.now() > deadline) {
        const last = readFileSync(this.log, "utf8").trim().split("\n").at(-1) ?? "";
        throw new Failure(
          `The local AWS ${ended ? "ended as it started" : `does not answer on port ${String(port)}`}: ${last}`,
          {
            log: this.log,
            next: ended ? "npm run local" : "npm run local -- stop",
          },
        );
      }
      await sleep(100);
    }
  }

  private recorded(): Recorded | undefined {
    try {
      const { pid, port } = JSON.parse(readFileSync(this.record, "utf8")) as Partial<Recorded>;
      if (!Number.isInteger(port)) return undefined;
      return { port: Number(port), ...(Number.isInteger(pid) && { pid: Number(pid) }) };
    } catch {
      return undefined; // Never started, or killed while it was written.
    }
  }
}

async function answers(port: number): Promise<boolean> {
  try {
    const response = await fetch(`${endpoint({ port })}/_ministack/ready`, { signal: AbortSignal.timeout(5000) });
    return response.ok;
  } catch {
    return false;
  }
}
