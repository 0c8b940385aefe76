import { basename } from "node:path";
import { ambientClients } from "../support/aws-clients";
import { Failure } from "../support/failure";
import { OUTDIR, type StackFolder, readStack, stackNames } from "../support/stack-folder";
import { synthesizedResources } from "../support/synthesized-resources";
import { type Change, type Drift, type OutputChange, changesOf, driftOf, outputsOf } from "./changes";
import { type PlanFile, type Surroundings, readPlan, shortened } from "./plan-file";
import { type PlanJson } from "./plan-json";
import { type Refusal, type Rename, refusalsOf, renameIn } from "./refusals";
import { differenceFromSynth } from "./same-synth";
import { staleness } from "./staleness";

/** What a plan would do, and what of it must not be done without being asked for. Names only, no values. */
export interface PlanReview {
  readonly file: string;
  /** "dev-stack" */
  readonly stack: string;
  /** "fb-dev" */
  readonly deployment: string;
  /** False with -target: the plan leaves something out. */
  readonly complete: boolean;
  readonly changes: readonly Change[];
  readonly outputs: readonly OutputChange[];
  readonly drift: readonly Drift[];
  /** None: it may be applied. */
  readonly refusals: readonly Refusal[];
  readonly allowed: readonly string[];
  /** What looks like a construct that was only renamed. */
  readonly rename?: Rename;
  /** Why the plan could not be compared with the state. @default it was */
  readonly notCompared?: string;
}

export interface ReviewOptions extends Surroundings {
  /** The addresses that may be deleted, replaced, forgotten or less protected. */
  readonly allowed: readonly string[];
}

/**
 * Judges a plan.
 * @param given the name of a stack whose plan it is, or a file: a plan, or what `terraform show -json` said of it
 * @throws Failure for what is no plan, for one of another deployment, of an older synth, or of an older state, and for an
 *   address that is allowed in vain
 */
export async function reviewPlan(given: string, { allowed, ...surroundings }: ReviewOptions): Promise<PlanReview> {
  const plan = await readPlan(given, surroundings);
  const { json, file } = plan;
  const { deployment = "", environment = "" } = tagsOf(json);
  const stack = stackOf(plan, deployment, surroundings.outdir ?? OUTDIR);
  const name = basename(stack.folder);
  const again = { next: `npx cdktf plan ${name}` };

  const difference = differenceFromSynth(json, stack.folder);
  if (difference !== undefined) {
    throw new Failure(
      `${shortened(file)} was made from another synth of ${name} than the one that is there now; the first difference: ${difference}.`,
      again,
    );
  }
  const { stale, notCompared } = await compared(plan, stack, surroundings);
  if (stale !== undefined) throw new Failure(`${shortened(file)} cannot be applied any more: ${stale}.`, again);

  const changes = changesOf(json, synthesizedResources(stack.folder));
  const refusals = refusalsOf(json, changes, environment, allowed);
  const rename = refusals.length > 0 ? renameIn(changes) : undefined;
  return {
    file,
    stack: name,
    deployment,
    complete: json.complete,
    changes,
    outputs: outputsOf(json),
    drift: driftOf(json),
    refusals,
    allowed,
    ...(rename && { rename }),
    ...(notCompared !== undefined && { notCompared }),
  };
}

function tagsOf({ configuration }: PlanJson): Readonly<Record<string, string>> {
  return configuration.provider_config.aws.expressions.default_tags[0]?.tags.constant_value ?? {};
}

function stackOf({ file }: PlanFile, deployment: string, outdir: string): StackFolder {
  const stacks = stackNames(outdir).map((name) => readStack(name, outdir));
  const found = stacks.find((stack) => stack.deployment === deployment);
  if (found !== undefined) return found;
  const there = stacks.map((stack) => stack.deployment).join(", ") || "nothing";
  throw new Failure(
    `${shortened(file)} is a plan of ${deployment || "no deployment"}, and cdktf.out has ${there}. Synthesize that one (its branch or PREFIX, its SYSTEM), or plan what is there.`,
    { next: "npx cdktf synth" },
  );
}

/** A plan without its state (JSON), or a shell without credentials, is judged all the same: Terraform compares them again. */
async function compared(
  { binary }: PlanFile,
  stack: StackFolder,
  { env }: Surroundings,
): Promise<{ readonly stale?: string; readonly notCompared?: string }> {
  if (binary === undefined) return { notCompared: "the file is JSON, which does not say from which state it was made" };
  try {
    const stale = await staleness(binary, ambientClients(stack.region, env), stack);
    return stale === undefined ? {} : { stale };
  } catch (error) {
    const { name, message } = error as Error;
    return { notCompared: `${stack.bucket} did not answer (${message || name})` };
  }
}
