import execa from "execa";
import { UsageError, prefixOf, previewPrefix } from "../../deployment";
import { systems } from "../../stacks";
import { type Target, isPreview } from "../destroy/target";

/** The branches that there are, and who was asked for them. */
export interface Branches {
  /** Without their remote: "feature/wo-42-add-retries". */
  readonly names: readonly string[];
  /** "this checkout", "origin" */
  readonly asked: readonly string[];
  /** The remotes that did not answer: what was fetched of them last counts. */
  readonly silent: readonly string[];
}

const TIMEOUT = 20_000;
/** Nobody is there to type a password. */
const QUIET = { GIT_TERMINAL_PROMPT: "0", GIT_SSH_COMMAND: "ssh -oBatchMode=yes -oConnectTimeout=10" };

/** The branches of a checkout and of its remotes as they are now; none asked where the folder is no git checkout. */
export async function knownBranches(folder: string): Promise<Branches> {
  const local = await git(folder, "for-each-ref", "--format=%(refname:lstrip=2)", "refs/heads");
  if (local === undefined) return { names: [], asked: [], silent: [] };
  const remotes = (await git(folder, "remote")) ?? [];
  const names = new Set(local);
  const [asked, silent] = [["this checkout"], [] as string[]];
  await Promise.all(
    remotes.map(async (remote) => {
      const heads = await git(folder, "ls-remote", "--heads", remote);
      heads?.map((line) => line.replace(/^\S+\s+refs\/heads\//, "")).forEach((name) => names.add(name));
      (heads ? asked : silent).push(remote);
      if (heads) return;
      const fetched = await git(folder, "for-each-ref", "--format=%(refname:lstrip=3)", `refs/remotes/${remote}`);
      fetched?.forEach((name) => names.add(name));
    }),
  );
  return { names: [...names].sort(), asked, silent: silent.sort() };
}

/** The branches whose preview a deployment is. */
export function branchesOf(target: Target, { names }: Branches): string[] {
  if (!isPreview(target)) return [];
  const prefix = prefixOf(target.deployment, target.environment);
  return names.filter((branch) => prefixOfBranch(target.system, branch) === prefix);
}

/** Whether a deployment is a preview whose branch there is no more. */
export function isGone(target: Target, branches: Branches): boolean {
  return branches.asked.length > 0 && isPreview(target) && branchesOf(target, branches).length === 0;
}

function prefixOfBranch(system: string, branch: string): string | undefined {
  const { shortName = "" } = systems[system] ?? {};
  try {
    return previewPrefix({ shortName, systems: { [shortName]: system }, branch, override: undefined });
  } catch (error) {
    if (error instanceof UsageError) return undefined;
    throw error;
  }
}

/** The lines that git prints; undefined when it fails. */
async function git(cwd: string, ...args: string[]): Promise<string[] | undefined> {
  const options = { cwd, env: QUIET, reject: false, stdin: "ignore", timeout: TIMEOUT } as const;
  const { exitCode, stdout } = await execa("git", args, options);
  return exitCode === 0 ? stdout.split("\n").filter(Boolean) : undefined;
}
