import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { terraformOn } from "../support/shell";
import { type StackFolder, hasProvider } from "../support/stack-folder";
import { terraformBinary, terraformName } from "../support/terraform-binary";
import { type Finding, note, problem } from "./finding";
import { type RecordedState, otherDeployments, parseState } from "../support/recorded-state";

/** Whether Terraform can work in the stack's folder: `terraform init` was run there, for this backend. */
export function folderFindings(stack: string, { folder, bucket, key }: StackFolder): Finding[] {
  const file = join(folder, ".terraform", "terraform.tfstate");
  const config = existsSync(file) ? backendOf(readFileSync(file, "utf8")) : undefined;
  if (config?.bucket === bucket && config.key === key && hasProvider(folder)) return [];
  const why = config
    ? `is initialized for s3://${config.bucket}/${config.key}${hasProvider(folder) ? "" : `, but not by ${terraformName()}`}`
    : "is not initialized";
  return [
    problem(
      "Working folder",
      `cdktf.out/stacks/${stack} ${why}:`,
      terraformOn(stack, "init", "-input=false", "-reconfigure"),
    ),
  ];
}

/** The state that Terraform could not upload: it wrote it into the stack's folder. */
export function unsavedFindings(
  stack: string,
  { folder, deployment }: Pick<StackFolder, "folder" | "deployment">,
  state: RecordedState | undefined,
): Finding[] {
  const file = join(folder, "errored.tfstate");
  const unsaved = existsSync(file) ? parseState(readFileSync(file, "utf8")) : undefined;
  if (!unsaved) return [];
  const path = `cdktf.out/stacks/${stack}/errored.tfstate`;
  // Every deployment is synthesized into the same folder: after a switch of branch or system it is the other one's.
  const [other] = otherDeployments(unsaved, deployment);
  if (other !== undefined) {
    return [
      note(
        "Unsaved state",
        `${path} is of ${other}, whose last state Terraform could not upload. Switch to that one, and ask the doctor there.`,
      ),
    ];
  }
  if (state && (state.lineage !== unsaved.lineage || state.serial >= unsaved.serial)) {
    return [
      note(
        "Unsaved state",
        `${path} (serial ${String(unsaved.serial)}, lineage ${unsaved.lineage}) is older than the state, or another one's. Look at it (${terraformBinary()} state list -state=${path}), then delete it.`,
      ),
    ];
  }
  return [
    problem(
      "Unsaved state",
      `Terraform could not upload its last state, serial ${String(unsaved.serial)}, and wrote it to ${path}:`,
      terraformOn(stack, "state", "push", "errored.tfstate"),
      ["rm", path],
    ),
  ];
}

interface Backend {
  readonly bucket: string;
  readonly key: string;
}

function backendOf(text: string): Backend | undefined {
  try {
    return (JSON.parse(text) as { backend?: { config?: Backend } }).backend?.config;
  } catch {
    return undefined;
  }
}
