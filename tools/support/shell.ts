import { basename } from "node:path";
import { type Variables } from "./project";
import { terraformBinary } from "./terraform-binary";

/** A command as its words, the program first. */
export type Command = readonly [string, ...string[]];

/** A command as a person types it: words that the shell would read otherwise are quoted. */
export function shellText(command: Command): string {
  return command.map(quoted).join(" ");
}

/** Terraform (or OpenTofu, where that is in use) on a synthesized stack, from the project's folder. */
export function terraformOn(stack: string, ...args: string[]): Command {
  return terraformIn(`cdktf.out/stacks/${stack}`, ...args);
}

/** @param folder from the project's */
export function terraformIn(folder: string, ...args: string[]): Command {
  return [terraformBinary(), `-chdir=${folder}`, ...args];
}

/**
 * The command that this process was started by, to be typed again: "npm run release -- dev". Without `--yes`, so that it asks, and
 * without `--system`, which SYSTEM says; with STAGE, where it is set.
 * @param change options that it loses, with their values, and words that it gets
 */
export function typed(
  change: { readonly without?: readonly string[]; readonly plus?: readonly string[] } = {},
  [, script = "", ...words]: readonly string[] = process.argv,
  { STAGE: stage }: Variables = process.env,
): string {
  const valued = ["--system", ...(change.without ?? [])];
  const kept = words.filter(
    (word, at) =>
      word !== "--yes" && !valued.includes(word.replace(/=.*/, "")) && !valued.includes(words[at - 1] ?? ""),
  );
  const all = [...kept, ...(change.plus ?? [])];
  const command = shellText(["npm", "run", basename(script, ".ts"), ...(all.length > 0 ? ["--", ...all] : [])]);
  return stage ? `STAGE=${quoted(stage)} ${command}` : command;
}

/** What says which deployment a command of ours works on, and with which program; set for one command, or exported. */
const CHOICES = ["SYSTEM", "PREFIX", "TERRAFORM_BINARY_NAME"];

/** Ours, but for those that look at a whole account or at this machine, whatever these say. */
const OURS = /^((?:[A-Z_]+=\S+ )*)(?:npm run (?!deployments|local -- stop)|npx cdktf )/;

/**
 * A command of ours, to be typed next, for the deployment that this process works on: SYSTEM, PREFIX and
 * TERRAFORM_BINARY_NAME, which may have been set for this one command, come with it. `npm run destroy -- dev` is
 * `PREFIX=fb-42 npm run destroy -- dev`.
 * @param line one command or several, joined by `&&` or by `, or`; what is not ours stays as it is
 */
export function forThisDeployment(line: string, env: Variables = process.env): string {
  return line
    .split(/( && |, or )/)
    .map(withVariables)
    .join("");

  function withVariables(command: string): string {
    const [, given] = OURS.exec(command) ?? [];
    if (given === undefined) return command;
    const added = CHOICES.flatMap((name) => {
      const value = env[name];
      return value && !given.includes(`${name}=`) ? [`${name}=${quoted(value)} `] : [];
    });
    return added.join("") + command;
  }
}

function quoted(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}
