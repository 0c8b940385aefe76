import { readFileSync } from "node:fs";
import { join } from "node:path";

/** A resource as Terraform gets it. */
export interface SynthesizedResource {
  /** "aws_sqs_queue.flows_dead-letters" */
  readonly address: string;
  readonly type: string;
  /** Where it stands in the stack's code, as ids: `["flows", "dead-letters"]`; its construct's first id is the part that the stack names. */
  readonly path: readonly string[];
  readonly arguments: Readonly<Record<string, unknown>>;
}

interface Synthesized {
  readonly resource?: Readonly<Record<string, Readonly<Record<string, Block>>>>;
}

interface Block {
  readonly "//": { readonly metadata: { readonly path: string } };
}

/** The resources of a synthesized stack, from the `cdk.tf.json` in its folder, in the order of that file. */
export function synthesizedResources(folder: string): SynthesizedResource[] {
  return resourcesIn(readFileSync(join(folder, "cdk.tf.json"), "utf8"));
}

/** Likewise, from the file's text. */
export function resourcesIn(json: string): SynthesizedResource[] {
  const { resource = {} } = JSON.parse(json) as Synthesized;
  return Object.entries(resource).flatMap(([type, blocks]) =>
    Object.entries(blocks).map(([name, { "//": comment, ...rest }]) => ({
      address: `${type}.${name}`,
      type,
      path: comment.metadata.path
        .split("/")
        .slice(1)
        .filter((id) => id !== "this"),
      arguments: rest,
    })),
  );
}
