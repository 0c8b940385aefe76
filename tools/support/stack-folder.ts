import { createHash } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { Failure } from "./failure";
import { root } from "./project";

/** What a synthesized stack says about itself. */
export interface StackFolder {
  readonly folder: string;
  /** "flow-builder": the value of the tag `system`; "state" for a state stack. */
  readonly system: string;
  /** "dev": the value of the tag `environment`. */
  readonly environment: string;
  /** "fb-dev": the value of the tag `deployment`. */
  readonly deployment: string;
  readonly accountId: string;
  readonly region: string;
  readonly bucket: string;
  readonly key: string;
  readonly lockTable: string;
  /** The sha256 of what Terraform gets. */
  readonly digest: string;
}

interface Synthesized {
  readonly provider: {
    readonly aws: readonly [
      {
        readonly region: string;
        readonly allowed_account_ids: readonly [string];
        readonly default_tags: readonly [{ readonly tags: Pick<StackFolder, "system" | "environment" | "deployment"> }];
      },
    ];
  };
  readonly terraform: {
    readonly backend: {
      readonly s3: { readonly bucket: string; readonly key: string; readonly dynamodb_table: string };
    };
  };
}

/** Reads a stack from cdktf.out: the commands take names and keys from what was synthesized, not from a second computation. */
export function readStack(stack: string, outdir = join(root, "cdktf.out")): StackFolder {
  const folder = join(outdir, "stacks", stack);
  const file = join(folder, "cdk.tf.json");
  if (!existsSync(file)) throw new Failure(`${stack} is not in cdktf.out.`, { next: "npx cdktf synth" });
  const text = readFileSync(file, "utf8");
  const { provider, terraform } = JSON.parse(text) as Synthesized;
  const [aws] = provider.aws;
  const { system, environment, deployment } = aws.default_tags[0].tags;
  const { bucket, key, dynamodb_table: lockTable } = terraform.backend.s3;
  return {
    folder,
    system,
    environment,
    deployment,
    accountId: aws.allowed_account_ids[0],
    region: aws.region,
    bucket,
    key,
    lockTable,
    digest: createHash("sha256").update(text).digest("hex"),
  };
}
