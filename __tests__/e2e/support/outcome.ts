import { type Outcome } from "../../../tools/support/run";

/** The output of a command. @throws Error with that output when the command failed, so that the test's message has it */
export function succeeded(
  command: readonly string[],
  { exitCode, lines }: Outcome,
  allowed: readonly number[] = [0],
): string {
  const output = lines.join("\n");
  if (allowed.includes(exitCode)) return output;
  throw new Error(`\`${command.join(" ")}\` ended with ${String(exitCode)}:\n${lines.slice(-80).join("\n")}`);
}
