import { spawnSync } from "node:child_process";
import { existsSync, readFileSync, statSync } from "fs";
import { dirname, join, resolve } from "path";

export interface Checkout {
  /** The branch that is checked out, or the one that the CI says it builds; undefined when neither tells. */
  readonly branch?: string;
  /** The CI's variable that says so; undefined when it is checked out. */
  readonly variable?: string;
  /** True when no branch is known: a detached HEAD outside a CI, or a folder that is no git checkout at all. */
  readonly detached: boolean;
}

type Variables = Readonly<Record<string, string | undefined>>;

/** Where CI systems say which branch they build, since they check out a commit. A pull request's own branch comes first. */
const CI_BRANCH_VARIABLES = [
  "GITHUB_HEAD_REF",
  "CI_MERGE_REQUEST_SOURCE_BRANCH_NAME", // GitLab, merge requests
  "CI_COMMIT_BRANCH", // GitLab; CI_COMMIT_REF_NAME may be a tag
  "BITBUCKET_BRANCH",
  "BUILDKITE_BRANCH",
  "CIRCLE_BRANCH",
  "CHANGE_BRANCH", // Jenkins, pull requests, where BRANCH_NAME is "PR-12"
  "BRANCH_NAME",
  "SYSTEM_PULLREQUEST_SOURCEBRANCH", // Azure Pipelines
  "BUILD_SOURCEBRANCH",
  "DRONE_SOURCE_BRANCH",
  "TRAVIS_PULL_REQUEST_BRANCH",
  "TRAVIS_BRANCH",
];

/** Those that name a tag when one is built, and the variable that says so: it must not become that branch's deployment. */
const TAG_VARIABLES: Readonly<Record<string, string>> = {
  BRANCH_NAME: "TAG_NAME", // Jenkins
  BUILDKITE_BRANCH: "BUILDKITE_TAG",
  TRAVIS_BRANCH: "TRAVIS_TAG",
};

/**
 * The branch of the checkout at `root`. What git has checked out wins over the CI's variables, so that a stray
 * BRANCH_NAME in a shell cannot rename a deployment. Reads .git/HEAD (also of worktrees), and starts git only where that does not tell: every synth asks.
 */
export function currentBranch(root: string, env: Variables): Checkout {
  const branch = checkedOutBranch(root);
  if (branch !== undefined) return { branch, detached: false };
  const [variable, told] = ciBranch(env) ?? [];
  return told === undefined || variable === undefined
    ? { detached: true }
    : { branch: told, variable, detached: false };
}

function checkedOutBranch(root: string): string | undefined {
  const folder = gitFolder(root);
  const head = folder && join(folder, "HEAD");
  if (!head || !existsSync(head)) return undefined;
  const branch = /^ref: refs\/heads\/(.+)$/.exec(readFileSync(head, "utf8").trim())?.[1];
  return branch === REFTABLE ? toldByGit(root) : branch;
}

/** In a repository of the format reftable HEAD always says this, and only git knows better. */
const REFTABLE = ".invalid";

function toldByGit(root: string): string | undefined {
  const options = { cwd: root, env: process.env, encoding: "utf8" } as const;
  const git = spawnSync("git", ["symbolic-ref", "--short", "--quiet", "HEAD"], options);
  const branch = git.status === 0 ? git.stdout.trim() : REFTABLE;
  return branch === REFTABLE ? undefined : branch; // A git that does not know the format may repeat it.
}

/** The git folder of the checkout that `root` lies in; in a worktree or submodule `.git` is a file that names it. */
function gitFolder(root: string): string | undefined {
  for (let folder = resolve(root); ; folder = dirname(folder)) {
    const git = join(folder, ".git");
    if (existsSync(git)) {
      if (statSync(git).isDirectory()) return git;
      const target = /^gitdir: (.+)$/m.exec(readFileSync(git, "utf8"))?.[1];
      return target && resolve(folder, target.trim());
    }
    if (dirname(folder) === folder) return undefined;
  }
}

function ciBranch(env: Variables): readonly [variable: string, branch: string] | undefined {
  // Set for tags too: a tag named like a branch must not become that branch's deployment.
  const github = env["GITHUB_REF_TYPE"] === "branch";
  const last = github ? "GITHUB_REF_NAME" : env["CI_COMMIT_TAG"] ? undefined : "CI_COMMIT_REF_NAME";
  const names = [...CI_BRANCH_VARIABLES, ...(last ? [last] : [])];
  for (const name of names) {
    const tag = TAG_VARIABLES[name];
    const branch = tag !== undefined && env[tag] ? undefined : branchName(env[name]);
    if (branch) return [name, branch];
  }
  return undefined;
}

/** Some CI systems give the full ref; a tag or a pull request's merge ref is no branch. */
function branchName(ref: string | undefined): string | undefined {
  if (!ref || ref === "HEAD") return undefined;
  if (!ref.startsWith("refs/")) return ref;
  return /^refs\/heads\/(.+)$/.exec(ref)?.[1];
}
