import { createHash } from "node:crypto";
import { existsSync, readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { accounts } from "../../environments/accounts";
import { systems } from "../../stacks";
import { chosenOfOurs } from "./chosen-deployment";
import { Failure } from "./failure";
import { type Variables, root } from "./project";
import { providerRegistry } from "./terraform-binary";

/** Where cdktf writes what Terraform gets. */
export const OUTDIR = join(root, "cdktf.out");

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
export function readStack(stack: string, outdir = OUTDIR): StackFolder {
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

/**
 * An environment's stack in cdktf.out, for a command that does not synthesize.
 * @throws Failure when there is none, or SYSTEM or PREFIX ask for another deployment than was synthesized last; UsageError
 * when a synth would not take what they ask for either
 */
export function readEnvironment(
  environment: string,
  env: Variables = process.env,
  outdir: string = OUTDIR,
): StackFolder {
  const name = `${environment}-stack`;
  const stack = stackNames(outdir).includes(name) ? readStack(name, outdir) : undefined;
  const problem = stack ? contradiction(stack, env) : `${name} is not in cdktf.out.`;
  if (stack && problem === undefined) return stack;
  chosenOfOurs(environment, env);
  throw new Failure(String(problem), { next: "npx cdktf synth" });
}

/** Where SYSTEM or PREFIX ask for another deployment than was synthesized, as a sentence. */
function contradiction(
  { system, environment, deployment }: StackFolder,
  { SYSTEM, PREFIX }: Variables,
): string | undefined {
  if (SYSTEM && SYSTEM !== system) return `SYSTEM is ${SYSTEM}, but cdktf.out has ${deployment}, of ${system}.`;
  const { shortName, environments } = systems[system] ?? {};
  // Where there are no previews, a ticket's number is no other deployment; another system's name is.
  const asked = environments?.[environment]?.previews ? PREFIX : PREFIX?.replace(/-[1-9]\d{0,8}$/, "");
  if (shortName === undefined || !asked || `${asked}-${environment}` === deployment) return undefined;
  return `PREFIX is ${PREFIX}, but cdktf.out has ${deployment}.`;
}

/** Whether `init` was run in a stack's folder, by that of Terraform and OpenTofu which is in use: each has its provider by another registry's name. */
export function hasProvider(folder: string, env: Variables = process.env): boolean {
  return existsSync(join(folder, ".terraform", "providers", providerRegistry(env)));
}

/** The stacks that were synthesized, those that people ask for first: "dev-stack", then "dev-state-stack". */
export function stackNames(outdir = OUTDIR): string[] {
  const stacks = join(outdir, "stacks");
  if (!existsSync(stacks)) return [];
  const first = Object.keys(accounts).map((environment) => `${environment}-stack`);
  const rank = (name: string): number => (first.includes(name) ? first.indexOf(name) : first.length);
  return readdirSync(stacks)
    .filter((name) => existsSync(join(stacks, name, "cdk.tf.json")))
    .sort((a, b) => rank(a) - rank(b) || a.localeCompare(b, "en"));
}
