import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { openSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { type Process, family, processes } from "../../../tools/support/processes";
import { isTerraform, terraformBinary } from "../../../tools/support/terraform-binary";
import { type WorkingTree } from "./working-tree";

/** How a run ends before its time. */
export interface Kill {
  readonly signal: "SIGKILL" | "SIGINT" | "SIGTERM";
  /**
   * Who gets it: all of them, as when a machine goes or (SIGINT) somebody types ctrl-C; Terraform alone, which leaves its
   * provider behind; cdktf alone, which leaves Terraform behind.
   */
  readonly of: "all" | "terraform" | "cdktf";
  /** A second one follows after two seconds: Terraform then stops at once. */
  readonly twice?: boolean;
}

/** `npx cdktf <verb> <stack> --auto-approve`, in a process group of its own; its output goes to the tree's log. */
export function startCdktf(project: WorkingTree, verb: "deploy" | "destroy", stack: string): ChildProcess {
  return start(project, [...project.cdktfCommand, verb, stack, "--auto-approve"]);
}

/** `terraform apply` on the stack, likewise. */
export function startTerraform(project: WorkingTree, verb: "apply" | "destroy", stack: string): ChildProcess {
  const folder = `-chdir=cdktf.out/stacks/${stack}`;
  return start(project, [terraformBinary(project.env), folder, verb, "-auto-approve", "-input=false", "-no-color"]);
}

/** `npm run <tool> -- …`, likewise. */
export function startTool(project: WorkingTree, name: string, ...args: string[]): ChildProcess {
  return start(project, [join(project.folder, "node_modules/.bin/ts-node"), "-T", `tools/${name}.ts`, ...args]);
}

function start({ folder, env, log }: WorkingTree, [file, ...args]: readonly [string, ...string[]]): ChildProcess {
  const output = openSync(log, "a");
  return spawn(file, args, { cwd: folder, env, stdio: ["ignore", output, output], detached: true });
}

/** @throws Error with the end of its output when a run has ended that was to be met in its midst */
export function checkRuns(child: ChildProcess, tree: WorkingTree): void {
  if (child.exitCode !== null || child.signalCode !== null) throw new Error(`It ended too early:\n${tail(tree)}`);
}

/** The end of what a tree's commands printed. */
export function tail({ log }: WorkingTree): string {
  return readFileSync(log, "utf8").split("\n").slice(-40).join("\n");
}

/** Ends a run, and waits until what was signalled has gone; what was spared goes on. @returns the names of who was signalled */
export async function kill(child: ChildProcess, how: Kill): Promise<string[]> {
  if (child.exitCode !== null || child.signalCode !== null) return []; // Its number may be another process's by now.
  const ended = once(child, "exit");
  const targets = chosen(family(await processes(), Number(child.pid)), how);
  signal(targets, how);
  if (how.twice) {
    await sleep(2000);
    signal(targets, how);
  }
  await gone(targets);
  if (targets.some(({ pid }) => pid === child.pid)) await ended;
  return targets.map(({ name }) => name);
}

/** Holds all of a run where it is, with its locks, however long others take meanwhile; only `killAll` ends it then. */
export async function freeze(child: ChildProcess): Promise<void> {
  for (const { pid } of family(await processes(), Number(child.pid))) process.kill(pid, "SIGSTOP");
}

/** All of it at once, from the top: cdktf, Terraform and the provider get no chance to tidy up. */
export async function killAll(child: ChildProcess): Promise<void> {
  await kill(child, { signal: "SIGKILL", of: "all" });
}

function chosen(all: readonly Process[], { of }: Kill): Process[] {
  if (of === "all") return [...all];
  if (of === "cdktf") return all.slice(0, 1);
  return all.filter(({ name }) => isTerraform(name));
}

function signal(targets: readonly Process[], { signal }: Kill): void {
  for (const { pid } of targets) {
    try {
      process.kill(pid, signal);
    } catch {
      // It has ended meanwhile.
    }
  }
}

async function gone(targets: readonly Process[]): Promise<void> {
  // By their names too: a number that is free again goes to somebody else, and a dead one that nobody waited for has "<defunct>" in its name.
  const names = new Map(targets.map(({ pid, name }) => [pid, name]));
  while ((await processes()).some(({ pid, name }) => names.get(pid) === name)) await sleep(250);
}
