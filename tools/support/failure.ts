import { existsSync } from "node:fs";
import { relative } from "node:path";
import { UsageError } from "../../deployment";
import { awsProblem } from "./aws-errors";
import { root } from "./project";
import { forThisDeployment, typed } from "./shell";

interface Advice {
  /** The command to run next. */
  readonly next?: string;
  /** The file that has the whole output. */
  readonly log?: string;
}

/** What went wrong, as a sentence for the person at the terminal, with the next command and the log where there are any. */
export class Failure extends UsageError {
  constructor(
    message: string,
    readonly advice: Advice = {},
  ) {
    super(message);
  }
}

/** The process was told to stop (ctrl-C); what is half done has been tidied up. */
export class Interrupted extends Failure {}

/** A failure of ours, or one of AWS told as a sentence. Undefined for a mistake of ours, which keeps its stack trace. */
export function failureOf(error: unknown): Failure | undefined {
  if (error instanceof Failure) return error;
  const problem = awsProblem(error);
  return problem === undefined ? undefined : new Failure(problem);
}

/** What writing to a pipe that nobody reads, or to a closed terminal, ends with. */
const GONE = ["EPIPE", "EIO"];

/** Runs a command's body: a failure is told in sentences and sets the exit code, only our own mistakes show a stack trace. */
export async function command(body: () => Promise<void>): Promise<void> {
  // The reader may go (`| head`), or the terminal: what was begun is still brought to its end, with its lock released.
  process.stdout.on("error", (error: NodeJS.ErrnoException) => {
    if (!GONE.includes(String(error.code))) throw error;
  });
  try {
    await body();
  } catch (error) {
    const failure = error instanceof UsageError ? error : failureOf(error);
    if (failure === undefined) throw error;
    process.exitCode = failure instanceof Interrupted ? 130 : 1;
    console.error(`\n${told(failure)}`);
  }
}

/** A failure in full: the sentence, then `Log:` and `Next:` lines. */
export function told(error: UsageError): string {
  const { log } = error instanceof Failure ? error.advice : {};
  const next = nextAfter(error);
  return [
    error.message,
    ...(log && existsSync(log) ? [`Log:  ${relative(root, log)}`] : []),
    ...(next ? [`Next: ${forThisDeployment(next)}`] : []),
  ].join("\n");
}

/** The command to run next: the failure's own, or what was typed, with the choice that was wrong or missing. */
export function nextAfter(error: UsageError): string | undefined {
  if (error instanceof Failure) return error.advice.next;
  return error.choice && `${error.choice} ${typed()}`;
}
