import { copyFileSync, existsSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { type App, TerraformStack } from "cdktf";
import { UsageError } from "../deployment";

/** Import blocks that the doctor writes beside a stack's cdk.tf.json, for the next plan and apply of that deployment. */
export const IMPORTS_FILE = "imports.tf.json";

/**
 * Writes an app's stacks, each ready for `terraform init`. First all the errors of all stacks are gathered: with one
 * or more nothing is written.
 * @param lockFile the committed provider lock, copied into every stack's folder: without it `cdktf deploy` runs
 *   `terraform providers lock`, which ignores mirrors
 * @param known errors that were found before, told together with the others
 * @throws UsageError with every error, one a line
 */
export function synthesize(app: App, lockFile: string, known: readonly string[] = []): void {
  const stacks = app.node.children.filter((child) => TerraformStack.isStack(child));
  const errors = [...known, ...stacks.flatMap(errorsOf)];
  if (errors.length > 0) throw new UsageError(errors.join("\n"));
  const folders = stacks.map((stack) => join(app.outdir, "stacks", stack.node.id));
  const before = folders.map(synthesized);
  app.synth();
  for (const [index, folder] of folders.entries()) {
    const lock = join(folder, ".terraform.lock.hcl");
    const switched = existsSync(lock) && registry(lock) !== registry(lockFile);
    copyFileSync(lockFile, lock);
    if (switched || isOfOtherState(folder)) forgetBackend(folder);
    // The next apply would take another deployment's resources into this one's state.
    if (!sameBackend(before[index], synthesized(folder))) rmSync(join(folder, IMPORTS_FILE), { force: true });
  }
}

function errorsOf(stack: TerraformStack): string[] {
  const errors = stack.node.findAll().flatMap(({ node }) => node.validate());
  return together(errors).map((error) => `${stack.node.id}: ${error}`);
}

/** One setting can be wrong for several constructs: "api: …" and "worker: …" become "api, worker: …". */
function together(errors: readonly string[]): string[] {
  const paths = new Map<string, string[]>();
  for (const error of errors) {
    const [, path = "", said = error] = /^([\w/-]+): (.*)$/s.exec(error) ?? [];
    paths.set(said, [...(paths.get(said) ?? []), ...(path ? [path] : [])]);
  }
  return [...paths].map(([said, of]) => [of.join(", "), said].filter(Boolean).join(": "));
}

/**
 * Every deployment is synthesized into the same folder (`stacks/dev-stack`). After a switch of branch or system the
 * folder remembers the other deployment's backend, and Terraform would offer to migrate that state over this one's.
 * After a switch between Terraform and OpenTofu it is the same backend, but neither knows it again, and would offer
 * that too. So the memory, and the plan of before, are removed; the states themselves are in S3.
 */
function forgetBackend(folder: string): void {
  rmSync(memory(folder), { force: true });
  rmSync(join(folder, "plan"), { force: true });
}

function isOfOtherState(folder: string): boolean {
  return existsSync(memory(folder)) && !sameBackend(remembered(folder), synthesized(folder));
}

function memory(folder: string): string {
  return join(folder, ".terraform", "terraform.tfstate");
}

/** "registry.terraform.io": a lock's first provider says whose lock it is, Terraform's or OpenTofu's. */
function registry(lockFile: string): string | undefined {
  return /^provider "([^/"]+)/m.exec(readFileSync(lockFile, "utf8"))?.[1];
}

interface Backend {
  readonly bucket?: string;
  readonly key?: string;
}

function remembered(folder: string): Backend | undefined {
  const { backend } = parsed<{ backend?: { type: string; config: Backend } }>(memory(folder)) ?? {};
  return backend?.type === "s3" ? backend.config : undefined;
}

function synthesized(folder: string): Backend | undefined {
  const file = join(folder, "cdk.tf.json");
  return parsed<{ terraform?: { backend?: { s3?: Backend } } }>(file)?.terraform?.backend?.s3;
}

/** Undefined too for half a file: a kill while it was written. */
function parsed<T>(file: string): T | undefined {
  try {
    return JSON.parse(readFileSync(file, "utf8")) as T;
  } catch {
    return undefined;
  }
}

function sameBackend(a: Backend | undefined, b: Backend | undefined): boolean {
  return a?.bucket === b?.bucket && a?.key === b?.key;
}
