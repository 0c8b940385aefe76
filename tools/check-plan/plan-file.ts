import { existsSync, readFileSync, statSync } from "node:fs";
import { devNull } from "node:os";
import { dirname, join, relative, resolve } from "node:path";
import { Failure } from "../support/failure";
import { root } from "../support/project";
import { run } from "../support/run";
import { shellText, terraformOn } from "../support/shell";
import { OUTDIR, hasProvider, stackNames } from "../support/stack-folder";
import { terraformBinary, terraformName } from "../support/terraform-binary";
import { explain } from "../support/terraform-errors";
import { type PlanJson, planShape } from "./plan-json";

export interface Surroundings {
  /** What Terraform runs with. */
  readonly env: Readonly<Record<string, string>>;
  /** @default the project's cdktf.out */
  readonly outdir?: string;
  /** Where a file's name starts from. @default the project's folder */
  readonly cwd?: string;
}

export interface PlanFile {
  readonly file: string;
  readonly json: PlanJson;
  /** The bytes of what `terraform plan -out` wrote; undefined when the file is JSON. */
  readonly binary?: Buffer;
}

const FORMAT = "1";

/**
 * Reads a plan: a stack's own, the file of one, or what `terraform show -json` said of one.
 * @param given the name of a stack, or a file
 * @throws Failure for whatever is no plan that can be judged
 */
export async function readPlan(given: string, { env, outdir = OUTDIR, cwd = root }: Surroundings): Promise<PlanFile> {
  const file = fileOf(given, outdir, cwd);
  const bytes = readFileSync(file);
  if (!isZip(bytes)) return { file, json: judged(parsed(bytes.toString("utf8"), file), file) };
  const text = await shown(file, outdir, env);
  return { file, json: judged(parsed(text, file), file), binary: bytes };
}

function fileOf(given: string, outdir: string, cwd: string): string {
  const names = stackNames(outdir);
  const path = resolve(cwd, given);
  const stack = names.find((name) => name === given || join(outdir, "stacks", name) === path);
  if (stack !== undefined) {
    const plan = join(outdir, "stacks", stack, "plan");
    if (existsSync(plan)) return plan;
    throw new Failure(`${stack} has no plan.`, { next: `npx cdktf plan ${stack}` });
  }
  if (existsSync(path) && statSync(path).isFile()) return path;
  if (names.length === 0)
    throw new Failure(`There is no file ${given}, and cdktf.out has no stack.`, { next: "npx cdktf synth" });
  throw new Failure(`There is neither a stack nor a file ${given}. The stacks are ${names.join(", ")}.`, {
    next: `npx cdktf plan ${names[0] ?? ""}`,
  });
}

/** `terraform plan -out` writes a zip. */
function isZip(bytes: Buffer): boolean {
  return bytes.subarray(0, 4).equals(Buffer.from("PK\u0003\u0004"));
}

/** What `terraform show -json` says, from any stack's folder where the provider is installed: no credentials, no state. */
async function shown(file: string, outdir: string, env: Readonly<Record<string, string>>): Promise<string> {
  const folders = [dirname(file), ...stackNames(outdir).map((name) => join(outdir, "stacks", name))];
  const folder = folders.find((one) => hasProvider(one, env));
  if (folder === undefined) {
    const [name = "dev-stack"] = stackNames(outdir);
    throw new Failure(`To read a plan, ${terraformName()} needs its provider, and no stack in cdktf.out has it yet.`, {
      next: shellText(terraformOn(name, "init")),
    });
  }
  // Its errors too into no log: it has the values of every argument.
  const options = { cwd: folder, env, log: devNull, answer: true };
  const { exitCode, lines } = await run(terraformBinary(env), ["show", "-json", "-no-color", file], options);
  if (exitCode === 0) return lines.join("\n");
  throw unreadable(lines, file, folder);
}

function unreadable(lines: readonly string[], file: string, folder: string): Failure {
  const said = lines.map((line) => line.replace(/^[│╷╵\s]+/, "")).join(" ");
  const [, wrote, reads] = /created by (?:Terraform|OpenTofu or Terraform) (\S+), but this is (\S+?);/.exec(said) ?? [];
  if (wrote !== undefined && reads !== undefined) {
    return new Failure(
      `${shortened(file)} was made by version ${wrote}, and this is ${terraformName()} ${reads}: a plan can only be read and applied by the program and version that made it. Plan again, or take version ${wrote}.`,
      { next: `${terraformBinary()} version` },
    );
  }
  if (/not a valid (zip|plan) file|Failed to read the given file/.test(said))
    return notAPlan(file, "a zip of something else, or cut off");
  const context = {
    stack: shortened(folder),
    environment: "",
    accountId: "",
    again: shellText([terraformBinary(), `-chdir=${shortened(folder)}`, "init"]),
  };
  const { message, next } = explain(lines, context);
  return new Failure(`${terraformName()} cannot read ${shortened(file)}. ${message}`, next ? { next } : {});
}

function parsed(text: string, file: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    if (/^\{"@level"/.test(text)) throw notAPlan(file, "the log that terraform plan -json prints");
    throw notAPlan(file, text.trim() === "" ? "an empty file" : "neither a zip nor JSON");
  }
}

function judged(json: unknown, file: string): PlanJson {
  const has = (key: string): boolean => typeof json === "object" && json !== null && Object.hasOwn(json, key);
  const format = has("format_version") ? (json as { format_version: unknown }).format_version : undefined;
  if (has("lineage") || (has("values") && !has("configuration"))) throw notAPlan(file, "a state");
  if (has("//") && has("terraform")) throw notAPlan(file, "a synthesized stack");
  if (typeof format !== "string" || !has("terraform_version")) throw notAPlan(file, "JSON of something else");
  if (format.split(".")[0] !== FORMAT) {
    throw new Failure(
      `${shortened(file)} has the plan format ${format}, and this command knows ${FORMAT}.x: a newer Terraform made it. Take Terraform 1.11, or teach tools/check-plan/plan-json.ts the new format.`,
      { next: `${terraformBinary()} version` },
    );
  }
  const { data, error } = planShape.safeParse(json);
  if (data === undefined) {
    const [issue] = error.issues;
    const at = issue?.path.join(".") ?? "";
    if (at.startsWith("configuration")) {
      throw new Failure(
        `${shortened(file)} is a plan, but not of a stack of this project: its provider sets no default tags (${at}).`,
        {
          next: "npx cdktf plan dev-stack",
        },
      );
    }
    throw notAPlan(file, `JSON of something else (${at}: ${issue?.message ?? "unknown"})`);
  }
  if (data.errored) {
    throw new Failure(
      `${shortened(file)} is of a plan that ended with an error: it is not complete, and Terraform will not apply it.`,
      {
        next: "npx cdktf plan dev-stack",
      },
    );
  }
  return data;
}

function notAPlan(file: string, got: string): Failure {
  return new Failure(
    `${shortened(file)} is not a plan: expected what terraform plan -out wrote, or terraform show -json says of it; got ${got}.`,
    { next: "npx cdktf plan dev-stack" },
  );
}

/** From the project's folder, when it is in there. */
export function shortened(file: string): string {
  const path = relative(root, file);
  return path.startsWith("..") ? file : path;
}
