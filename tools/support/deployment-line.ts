import { UsageError } from "../../deployment";
import { accounts } from "../../environments/accounts";
import { systems } from "../../stacks";
import { chosenOfOurs, chosenPrefix } from "./chosen-deployment";
import { currentBranch } from "./git-branch";
import { type Variables, root } from "./project";
import type { StackFolder } from "./stack-folder";

/** What a deployment is, in the words of its tags. */
export type Announced = Pick<StackFolder, "system" | "environment" | "deployment" | "accountId" | "region">;

/**
 * "wo-42-dev: workflow-orchestrator, dev, account 111111111111, eu-west-1, by the branch feature/wo-42-add-retries".
 * @param origin what the prefix comes from, as `prefixOrigin` says it @default nothing chose it
 * @param endpoint of an AWS that is not Amazon's
 */
export function deploymentLine(
  { system, environment, deployment, accountId, region }: Announced,
  { origin, endpoint }: { readonly origin?: string | undefined; readonly endpoint?: string | undefined } = {},
): string {
  const where = endpoint ? `${region} at ${endpoint}` : region;
  return `${deployment}: ${[system, environment, `account ${accountId}`, where, ...(origin ? [origin] : [])].join(", ")}`;
}

/**
 * What a deployment's prefix comes from: "by PREFIX", "by the branch main", "by the branch main (GITHUB_REF_NAME)"; that it
 * was synthesized when another was chosen; undefined where nothing chooses it, since the environment has no previews.
 * @param folder the checkout whose branch it is
 */
export function prefixOrigin(
  { system, environment, deployment }: Pick<Announced, "system" | "environment" | "deployment">,
  env: Variables,
  folder = root,
): string | undefined {
  const known = systems[system];
  const settings = known?.environments[environment];
  // State and account stacks, and the systems of tests, say nothing of previews.
  if (!known || !settings?.previews) return undefined;
  const { branch, variable } = currentBranch(folder, env);
  const by = env["PREFIX"] ? "PREFIX" : `the branch ${String(branch)}${variable ? ` (${variable})` : ""}`;
  const last = "as it was synthesized last";
  try {
    const chosen = `${chosenPrefix(known, settings, folder, env)}-${environment}`;
    return chosen === deployment ? `by ${by}` : `${last}; ${by} is ${chosen}: npx cdktf synth`;
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    const [reason = ""] = error.message.split(". "); // What comes after it says what to set.
    return `${last}; ${reason.replace(/^The/, "the")}`;
  }
}

const announced = new Set<string>();

/**
 * Prints the first line of a command: which deployment it works on. On stderr, so that what a program reads (`--json`) and
 * what a shell evaluates stays clean. Once for each deployment.
 */
export function announce(stack: Announced, env: Variables = process.env): void {
  const line = deploymentLine(stack, { origin: prefixOrigin(stack, env), endpoint: env["AWS_ENDPOINT_URL"] });
  if (announced.has(stack.deployment)) return;
  announced.add(stack.deployment);
  console.error(line);
}

/**
 * Likewise for a command that synthesizes first: what SYSTEM, PREFIX and the branch choose. Nothing for a system that only
 * the app of cdktf.json knows: `announce` tells that one when it is synthesized.
 * @throws UsageError for a SYSTEM that there is not, a PREFIX of another form, a branch of another system, a detached HEAD
 */
export function announceChosen(environment: string, env: Variables = process.env): void {
  const account = accounts[environment];
  const chosen = chosenOfOurs(environment, env);
  if (account && chosen) announce({ ...chosen, accountId: account.id, region: account.region }, env);
}
