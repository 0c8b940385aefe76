import { dirname } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { taggedResources } from "../../../tools/support/tagged-resources";
import { awsCli } from "../../../tools/support/python";
import { run } from "../../../tools/support/run";
import { succeeded } from "./outcome";
import { type Sandbox } from "./sandbox";
import { type WorkingTree } from "./working-tree";

/** What `npm run doctor -- dev --json` prints. */
export interface Diagnosis {
  readonly healthy: boolean;
  readonly findings: readonly {
    readonly chapter: string;
    readonly level: "fact" | "note" | "problem";
    readonly text: string;
    readonly commands: readonly string[];
  }[];
  readonly next: string;
}

/** Rounds of doctor and commands; a lock that is given back just now takes some of them. */
const MOST_ROUNDS = 20;

/** `npm run doctor -- dev --json`. @throws Error when it is not healthy and exits 0, or the other way round */
export async function askDoctor(project: WorkingTree): Promise<Diagnosis> {
  const { exitCode, lines } = await shell(project, "npm run --silent doctor -- dev --json");
  const text = lines.join("\n");
  const diagnosis = JSON.parse(text.slice(text.indexOf("{"))) as Diagnosis;
  if (diagnosis.healthy !== (exitCode === 0)) throw new Error(`The doctor ended with ${String(exitCode)}:\n${text}`);
  return diagnosis;
}

/**
 * Asks the doctor and types exactly what it says, until it has nothing more to say.
 * @returns what it said, and how each command ended: all must end with 0
 */
export async function obeyDoctor(project: WorkingTree): Promise<string[]> {
  const said: string[] = [];
  for (let round = 0; round < MOST_ROUNDS; round += 1) {
    const { healthy, findings } = await askDoctor(project);
    if (healthy) return said;
    const problems = findings.filter(({ level }) => level === "problem");
    const commands = problems.flatMap((problem) => problem.commands);
    said.push(...problems.map(({ chapter, text }) => `${chapter}: ${text}`));
    for (const command of commands) {
      succeeded([command], await shell(project, command));
      said.push(`$ ${command}`);
    }
    if (commands.length === 0) await sleep(10_000); // "Wait for it", "ask again in half a minute".
  }
  throw new Error(`The doctor never was content:\n${said.join("\n")}`);
}

/** What AWS has with the deployment's tag, and the state has not: asked without the doctor. Old task definitions may stay. */
export async function unknownToState(project: WorkingTree, sandbox: Sandbox, stack: string): Promise<string[]> {
  const state = await project.terraform(stack, "show", "-json");
  const tagged = await taggedResources(project.stack(stack).deployment, sandbox.clients());
  return tagged
    .map(({ arn }) => arn)
    .filter((arn) => !/:task-definition\/|:elasticache:[^:]*:\d*:cluster:|:snapshot:/.test(arn))
    .filter((arn) => !state.includes(`"${arn}"`) && !state.includes(`"${arn.replace(/^.*[:/]/, "")}"`));
}

/** A line of a shell in the project's folder, with the AWS CLI on its path. */
function shell({ folder, env, log }: WorkingTree, line: string) {
  const PATH = `${dirname(awsCli)}:${env["PATH"] ?? ""}`;
  return run("bash", ["-c", line], { cwd: folder, env: { ...env, PATH }, log });
}
