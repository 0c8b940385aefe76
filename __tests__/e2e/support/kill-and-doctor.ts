import { readFileSync, statSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { stripVTControlCharacters } from "node:util";
import { terraformLine } from "../../../tools/support/terraform-output";
import { obeyDoctor, unknownToState } from "./doctor";
import { type Kill, kill, startCdktf, startTerraform } from "./kill";
import { type Sandbox } from "./sandbox";
import { recordedAddresses } from "./state";
import { until } from "./steps";
import { type WorkingTree } from "./working-tree";

/** A moment, and who is killed then. */
export interface Accident {
  /** "fb-1": the deployment's prefix. */
  readonly prefix: string;
  /** Seconds after Terraform began to make (or destroy) the first resource. */
  readonly seconds: number;
  readonly kill: Kill;
  /** What deploys, before and after. Terraform by itself is the same for the state, and costs half the processor. */
  readonly through: "cdktf" | "terraform";
}

/** What came of it. */
export interface Recovery extends Accident {
  /** Resources that the state had after the kill. */
  readonly recorded: number;
  /** What Terraform was at when it was killed. */
  readonly underWay: readonly string[];
  /** What the doctor said, and what was typed. */
  readonly said: readonly string[];
  /** What the deploy after it replaced or destroyed. */
  readonly destroyed: readonly string[];
  /** The plan after it; empty is right. */
  readonly changes: readonly string[];
  /** What AWS has and the state has not; empty is right. */
  readonly unknown: readonly string[];
}

const STACK = "dev-stack";
/** A killed Terraform's provider may go on for a moment. */
const SETTLE = 1000;

/** Random accidents that are the same for the same seed: mostly SIGKILL, now and then a SIGINT or SIGTERM. */
export function accidents(count: number, seed: number): Accident[] {
  const random = generator(seed);
  const kills: Kill[] = [
    { signal: "SIGKILL", of: "all" },
    { signal: "SIGKILL", of: "terraform" },
    { signal: "SIGINT", of: "terraform", twice: true },
    { signal: "SIGKILL", of: "all" },
    { signal: "SIGKILL", of: "terraform" },
    { signal: "SIGINT", of: "terraform", twice: true },
    { signal: "SIGTERM", of: "terraform" },
    { signal: "SIGKILL", of: "all" },
    { signal: "SIGINT", of: "all" },
  ];
  return Array.from({ length: count }, (_, index) => ({
    prefix: `fb-${String(index + 1)}`,
    // The strata of a random order: few runs cover all of the apply too.
    seconds: Math.round(((((index * 7) % count) + random()) / count) * 95 + 5),
    kill: kills[index % kills.length] as Kill,
    through: index % 4 === 0 ? "cdktf" : "terraform",
  }));
}

/** Kills a deploy in its midst, does what the doctor says, deploys again. */
export async function survive(accident: Accident, sandbox: Sandbox): Promise<Recovery> {
  const project = await sandbox.checkout("dev", { PREFIX: accident.prefix });
  await project.cdktf("synth");
  await project.terraform(STACK, "init", "-input=false");
  const child =
    accident.through === "cdktf" ? startCdktf(project, "deploy", STACK) : startTerraform(project, "apply", STACK);
  await until("Terraform begins", 900, () =>
    Promise.resolve(/aws_\S+: (Creating|Destroying)\.\.\./.test(readFileSync(project.log, "utf8")) || undefined),
  );
  await sleep(accident.seconds * 1000);
  const underWay = pending(readFileSync(project.log, "utf8"));
  await kill(child, accident.kill);
  await sleep(SETTLE);
  const recorded = (await recordedAddresses(sandbox.clients(), project.stack(STACK))).length;
  const said = await obeyDoctor(project);
  return { ...accident, recorded, underWay, said, ...(await finish(project, sandbox, accident.through)) };
}

/** Deploys, as the doctor says at last, and looks at what came of it. */
export async function finish(
  project: WorkingTree,
  sandbox: Sandbox,
  through: Accident["through"] = "terraform",
): Promise<Pick<Recovery, "destroyed" | "changes" | "unknown">> {
  const from = statSync(project.log).size;
  if (through === "cdktf") await project.cdktf("deploy", STACK, "--auto-approve");
  else await project.terraform(STACK, "apply", "-auto-approve", "-input=false", "-no-color");
  const log = readFileSync(project.log).subarray(from).toString("utf8");
  const destroyed = [...log.matchAll(/(aws_[\w.-]+)(?: \(deposed object \w+\))?: Destroying\.\.\./g)];
  await obeyDoctor(project); // The import blocks have done their work.
  const { changes } = await project.plan(STACK);
  return {
    destroyed: [...new Set(destroyed.map(([, address]) => String(address)))],
    changes: changes.map(({ address, action }) => `${action} ${address}`),
    unknown: await unknownToState(project, sandbox, STACK),
  };
}

/** What was begun and did not end, of what Terraform printed. */
function pending(log: string): string[] {
  const begun = new Set<string>();
  for (const line of stripVTControlCharacters(log).split("\n").map(terraformLine)) {
    const started = /^(aws_\S+): (?:Creating|Modifying|Destroying)\.\.\./.exec(line)?.[1];
    const ended = /^(aws_\S+): (?:Creation|Modifications|Destruction) complete/.exec(line)?.[1];
    if (started) begun.add(started);
    if (ended) begun.delete(ended);
  }
  return [...begun];
}

/** Numbers from 0 to 1, the same for the same seed (a linear congruential generator, Numerical Recipes' constants). */
function generator(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}
