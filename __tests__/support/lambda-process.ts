import { type ChildProcess, fork } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, dirname, join } from "node:path";
import { readFileSync } from "node:fs";
import { unzipSync } from "fflate";
import { bundle } from "../../modules/lambda/bundle";
import { ADDRESS, HOST } from "./webhook-receiver";

interface Answer {
  readonly ready?: true;
  readonly id?: number;
  readonly result?: unknown;
  readonly error?: string;
}

interface Waiting {
  readonly resolve: (result: unknown) => void;
  readonly reject: (error: Error) => void;
}

/**
 * A function as it ships, its bundle, in a process of its own whose network is local-aws/hosts.js: one container of
 * Lambda's. It ends with `stop`, with this process, or by `kill`, as a container does that runs out of memory.
 */
export class LambdaProcess {
  private readonly waiting = new Map<number, Waiting>();
  private calls = 0;
  /** What it wrote. */
  log = "";

  private constructor(
    private readonly child: ChildProcess,
    private readonly folder: string,
    private readonly timeout: number,
  ) {}

  /** @param entry of the handler @param timeout in milliseconds, as the function is told */
  static async start(entry: string, env: Readonly<Record<string, string>>, timeout = 60_000): Promise<LambdaProcess> {
    const folder = mkdtempSync(join(tmpdir(), "function-"));
    for (const [name, content] of Object.entries(unzipSync(readFileSync(bundle(entry).path))))
      writeFileSync(join(folder, name), content);
    const { PATH } = process.env;
    const child = fork(join(__dirname, "lambda-host.js"), [join(folder, "index.js")], {
      cwd: folder,
      execArgv: ["--enable-source-maps", "--require", join(__dirname, "../../local-aws/hosts.js")],
      env: {
        PATH,
        LOCAL_HOSTS: `${HOST}=${ADDRESS}`,
        AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: "true",
        AWS_LAMBDA_FUNCTION_NAME: basename(dirname(entry)),
        ...env,
      },
      stdio: ["ignore", "pipe", "pipe", "ipc"],
    });
    const process_ = new LambdaProcess(child, folder, timeout);
    await process_.listen();
    return process_;
  }

  /** @throws Error with the function's message, or that it was killed */
  async invoke<T>(event: unknown): Promise<T> {
    const id = ++this.calls;
    return new Promise((resolve, reject) => {
      this.waiting.set(id, { resolve: (result) => resolve(result as T), reject });
      this.child.send({ id, event, timeout: this.timeout }, (error) => error && reject(error));
    });
  }

  async kill(): Promise<void> {
    const ended = new Promise((resolve) => this.child.once("exit", resolve));
    this.child.kill("SIGKILL");
    await ended;
  }

  async stop(): Promise<void> {
    if (this.child.exitCode === null && this.child.signalCode === null) await this.kill();
    rmSync(this.folder, { recursive: true, force: true });
  }

  private listen(): Promise<void> {
    const { child } = this;
    const keep = (text: string) => (this.log += text);
    child.stdout?.setEncoding("utf8").on("data", keep);
    child.stderr?.setEncoding("utf8").on("data", keep);
    return new Promise((ready, failed) => {
      child.once("exit", () => {
        const error = new Error(`The function's process ended. ${this.log.slice(-2_000)}`);
        failed(error);
        this.waiting.forEach(({ reject }) => reject(error));
        this.waiting.clear();
      });
      child.on("message", ({ ready: isReady, id, result, error }: Answer) => {
        if (isReady) ready();
        if (id === undefined) return;
        const { resolve, reject } = this.waiting.get(id) ?? {};
        this.waiting.delete(id);
        if (error === undefined) resolve?.(result);
        else reject?.(new Error(error));
      });
    });
  }
}
