import { join } from "node:path";
import { Failure } from "./failure";
import { root } from "./project";
import { type Outcome, run } from "./run";
import { terraformBinary } from "./terraform-binary";
import { type Context, explain } from "./terraform-errors";
import { Progress } from "./terraform-output";

export interface Tool {
  readonly env: Readonly<Record<string, string>>;
  readonly log: string;
  /** Runs even after a ctrl-C: for a question about how things stand. */
  readonly evenInterrupted?: boolean;
  /** Whether the standard output is an answer to read, as `run` has it. @default false */
  readonly answer?: boolean;
  readonly tell?: (progress: string) => void;
}

/** Runs the real cdktf CLI and tells how far Terraform is. @throws Failure that says what went wrong and what helps */
export async function cdktf(args: readonly string[], context: Context, tool: Tool): Promise<Outcome> {
  // CI: plain lines instead of a picture that is redrawn, which holds for a terminal only.
  const env = { ...tool.env, CI: "true" };
  return judged([join(root, "node_modules", ".bin", "cdktf"), ...args, "--no-color"], root, context, { ...tool, env });
}

/** Runs Terraform (or OpenTofu, where that is in use) in a folder, as `cdktf` does. @throws Failure likewise */
export async function terraform(
  folder: string,
  args: readonly string[],
  context: Context,
  tool: Tool,
): Promise<Outcome> {
  return judged([terraformBinary(tool.env), ...args], folder, context, tool);
}

async function judged(
  command: readonly [string, ...string[]],
  cwd: string,
  context: Context,
  { env, log, tell, evenInterrupted = false, answer = false }: Tool,
): Promise<Outcome> {
  const progress = new Progress();
  const onLine = (line: string): void => {
    if (progress.feed(line)) tell?.(progress.toString());
  };
  const [file, ...args] = command;
  const outcome = await run(file, args, { cwd, env, log, onLine, evenInterrupted, answer });
  if (outcome.exitCode === 0) return outcome;
  const { message, next } = explain(outcome.lines, context);
  throw new Failure(message, { log, ...(next && { next }) });
}
