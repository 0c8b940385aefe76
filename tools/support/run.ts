import { createWriteStream, mkdirSync } from "node:fs";
import { basename, dirname } from "node:path";
import { createInterface } from "node:readline";
import { stripVTControlCharacters } from "node:util";
import execa from "execa";
import { Interrupted } from "./failure";
import { family, processes } from "./processes";
import { isTerraform, terraformName } from "./terraform-binary";

export interface RunOptions {
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
  /** The file that the output is added to. */
  readonly log: string;
  /** Runs even after a signal has come. @default false */
  readonly evenInterrupted?: boolean;
  /** Whether its standard output alone is read, and is not logged: JSON, which a warning would spoil. With another exit code than 0 the errors follow. @default false: all that it says */
  readonly answer?: boolean;
  /** Called with each line as it comes, without colours. */
  readonly onLine?: (line: string) => void;
}

export interface Outcome {
  readonly exitCode: number;
  readonly lines: readonly string[];
}

/** What is running now, by process id: the programs' names. A signal is passed on to them. */
const running = new Map<number, string>();
let signals = 0;
let lastSignal = -Infinity;
/** Milliseconds in which signals are one: a single ctrl-C comes from the terminal, and once more from npm, which passes it on. */
const ONE_SIGNAL = 1_000;

/**
 * From now on ctrl-C (and SIGTERM, and a closed terminal) goes to what is running, which then finishes what it does, writes
 * its state and releases its lock. A second ctrl-C makes Terraform stop at once.
 */
export function passSignalsOn(notice: (message: string) => void): void {
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
    process.on(signal, () => {
      const now = performance.now();
      if (now - lastSignal < ONE_SIGNAL) return;
      lastSignal = now;
      signals += 1;
      notice(signals === 1 ? stopping([...running.values()]) : "Stopping at once.");
      for (const pid of running.keys()) void interrupt(pid);
    });
  }
}

/** What is told at the first ctrl-C. */
export function stopping(programs: readonly string[]): string {
  return programs.some((program) => program === "cdktf" || isTerraform(program))
    ? `Stopping: ${terraformName()} finishes what is under way and releases its lock…`
    : "Stopping…";
}

/** How often the process was told to stop: more than once means at once. */
export function interruptions(): number {
  return signals;
}

/** @throws Interrupted once a signal has come */
export function checkInterrupted(): void {
  if (signals > 0) throw new Interrupted("Interrupted.");
}

/**
 * Runs a command to its end. Its exit code is not judged here.
 * @throws Interrupted when a signal came, after the command has ended
 */
export async function run(
  file: string,
  args: readonly string[],
  { cwd, env, log, onLine, evenInterrupted = false, answer = false }: RunOptions,
): Promise<Outcome> {
  if (!evenInterrupted) checkInterrupted();
  mkdirSync(dirname(log), { recursive: true });
  const output = createWriteStream(log, { flags: "a" });
  output.write(`$ ${[file, ...args].join(" ")}\n`);
  const child = execa(file, args, {
    cwd,
    env,
    extendEnv: false,
    all: !answer,
    buffer: false,
    reject: false,
    stdin: "ignore",
    // In a process group of its own: the terminal would send ctrl-C to cdktf too, which then leaves Terraform behind.
    detached: true,
    cleanup: false,
  });
  const { pid } = child;
  if (pid !== undefined) running.set(pid, basename(file));

  const lines: string[] = [];
  const said = answer ? child.stdout : child.all;
  let errors = "";
  if (answer) child.stderr?.on("data", (chunk: Buffer) => (errors += chunk.toString("utf8")));
  if (said) {
    for await (const raw of createInterface({ input: said, crlfDelay: Infinity })) {
      const line = stripVTControlCharacters(raw);
      lines.push(line);
      if (!answer) output.write(`${line}\n`);
      onLine?.(line);
    }
  }
  const result = await child;
  output.write(errors);
  if (pid !== undefined) running.delete(pid);
  // Whoever is told of the log finds all of it there.
  await new Promise<void>((resolve) => output.end(resolve));
  if (!evenInterrupted) checkInterrupted();
  if (pid === undefined)
    return { exitCode: 127, lines: [`${file} could not be started: ${String(result.stderr ?? "")}`] };
  if (result.exitCode !== 0 && errors !== "") lines.push(...stripVTControlCharacters(errors).trimEnd().split("\n"));
  return { exitCode: result.exitCode, lines };
}

/**
 * The Terraform below `pid` gets the signal, not cdktf above it: cdktf would exit at once and take Terraform's terminal
 * away, which kills it with the lock held.
 */
async function interrupt(pid: number): Promise<void> {
  const terraforms = family(await processes(), pid).filter(({ name }) => isTerraform(name));
  for (const target of terraforms.length > 0 ? terraforms.map((process) => process.pid) : [-pid]) {
    try {
      process.kill(target, "SIGINT");
    } catch {
      // It has ended meanwhile.
    }
  }
}
