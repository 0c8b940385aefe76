import { terraformBinary } from "./terraform-binary";

/** A command as its words, the program first. */
export type Command = readonly [string, ...string[]];

/** A command as a person types it: words that the shell would read otherwise are quoted. */
export function shellText(command: Command): string {
  return command.map(quoted).join(" ");
}

/** Terraform (or OpenTofu, where that is in use) on a synthesized stack, from the project's folder. */
export function terraformOn(stack: string, ...args: string[]): Command {
  return [terraformBinary(), `-chdir=cdktf.out/stacks/${stack}`, ...args];
}

function quoted(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}
