import { once } from "node:events";
import { createInterface } from "node:readline/promises";
import { Interrupted } from "./failure";

/** Whether somebody is there who can be asked: never in a CI, nor behind a pipe. */
export function canAsk(): boolean {
  return process.stdin.isTTY && process.stdout.isTTY && !process.env["CI"];
}

/** Asks at the terminal. Anything but yes is no. @throws Interrupted at ctrl-C */
export async function agreed(question: string): Promise<boolean> {
  return /^y(es)?$/i.test(await answer(`${question} [y/N] `));
}

/** What somebody types, without spaces around it. @throws Interrupted at ctrl-C */
export async function answer(question: string): Promise<string> {
  const terminal = createInterface({ input: process.stdin, output: process.stdout });
  try {
    // Ctrl-D closes the terminal without an answer, and a question that waits forever would end the process as if all were well.
    const closed = once(terminal, "close").then(() => "");
    return (await Promise.race([terminal.question(question), closed])).trim();
  } catch (error) {
    if ((error as Error).name !== "AbortError") throw error;
    throw new Interrupted("Nothing was changed.");
  } finally {
    terminal.close();
  }
}
