import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { currentBranch } from "../../tools/support/git-branch";

const COMMIT = "2f1d1e5b8c3f4a6e9d7c5b3a1f0e8d6c4b2a0918\n";
let root: string;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "checkout-"));
});

afterEach(() => {
  rmSync(root, { recursive: true });
});

function head(text: string, folder = join(root, ".git")): void {
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, "HEAD"), text);
}

test("the branch is what HEAD refers to, slashes included", () => {
  head("ref: refs/heads/feature/fb-42-add-retries\n");
  expect(currentBranch(root, {})).toEqual({ branch: "feature/fb-42-add-retries", detached: false });
});

test("a folder inside the checkout is on the checkout's branch", () => {
  head("ref: refs/heads/main\n");
  mkdirSync(join(root, "a", "b"), { recursive: true });
  expect(currentBranch(join(root, "a", "b"), {}).branch).toBe("main");
});

test("a worktree's .git file is followed to its own HEAD, by an absolute and by a relative path", () => {
  head("ref: refs/heads/main\n");
  head("ref: refs/heads/hotfix/fb-7\n", join(root, ".git", "worktrees", "w"));
  const worktree = join(root, "w");
  mkdirSync(worktree);
  for (const target of [join(root, ".git", "worktrees", "w"), "../.git/worktrees/w"]) {
    writeFileSync(join(worktree, ".git"), `gitdir: ${target}\n`);
    expect(currentBranch(worktree, {}).branch).toBe("hotfix/fb-7");
  }
});

test("a commit that is checked out is no branch", () => {
  head(COMMIT);
  expect(currentBranch(root, {})).toEqual({ detached: true });
});

test("where HEAD says nothing, as in a repository of the format reftable, git is asked", () => {
  head("ref: refs/heads/.invalid\n");
  expect(currentBranch(root, {})).toEqual({ detached: true }); // To git this is no repository.
  const bin = join(root, "bin");
  mkdirSync(bin);
  writeFileSync(join(bin, "git"), "#!/bin/sh\necho feature/fb-42\n", { mode: 0o755 });
  const { PATH } = process.env;
  process.env["PATH"] = `${bin}:${String(PATH)}`;
  try {
    expect(currentBranch(root, {})).toEqual({ branch: "feature/fb-42", detached: false });
  } finally {
    process.env["PATH"] = PATH;
  }
});

test("a folder without git has no branch", () => {
  expect(currentBranch(root, {})).toEqual({ detached: true });
});

test("a branch that is checked out wins over a CI's variable, so that a stray one cannot rename a deployment", () => {
  head("ref: refs/heads/main\n");
  expect(currentBranch(root, { BRANCH_NAME: "feature/fb-9" }).branch).toBe("main");
});

test.each([
  [
    "GitHub, a pull request",
    { GITHUB_HEAD_REF: "feature/fb-1", GITHUB_REF_NAME: "7/merge", GITHUB_REF_TYPE: "branch" },
  ],
  ["GitHub, a push", { GITHUB_HEAD_REF: "", GITHUB_REF_NAME: "feature/fb-1", GITHUB_REF_TYPE: "branch" }],
  ["GitLab", { CI_COMMIT_BRANCH: "feature/fb-1", CI_COMMIT_REF_NAME: "feature/fb-1" }],
  ["GitLab, a merge request", { CI_MERGE_REQUEST_SOURCE_BRANCH_NAME: "feature/fb-1", CI_COMMIT_REF_NAME: "x" }],
  ["Bitbucket", { BITBUCKET_BRANCH: "feature/fb-1" }],
  ["Buildkite", { BUILDKITE_BRANCH: "feature/fb-1" }],
  ["CircleCI", { CIRCLE_BRANCH: "feature/fb-1" }],
  ["Jenkins", { BRANCH_NAME: "feature/fb-1" }],
  ["Jenkins, a pull request", { BRANCH_NAME: "PR-12", CHANGE_BRANCH: "feature/fb-1" }],
  ["Azure Pipelines", { BUILD_SOURCEBRANCH: "refs/heads/feature/fb-1" }],
])("%s says which branch a detached HEAD is of", (_, env) => {
  head(COMMIT);
  expect(currentBranch(root, env)).toMatchObject({ branch: "feature/fb-1", detached: false });
});

test("the CI's variable that names the branch is told, since a stray one may stand in a shell", () => {
  head(COMMIT);
  const env = { GITHUB_HEAD_REF: "", GITHUB_REF_NAME: "feature/fb-1", GITHUB_REF_TYPE: "branch", BRANCH_NAME: "x" };
  expect(currentBranch(root, env)).toEqual({ branch: "x", variable: "BRANCH_NAME", detached: false });
  expect(currentBranch(root, { ...env, BRANCH_NAME: "" }).variable).toBe("GITHUB_REF_NAME");
});

test.each([
  ["GitHub", { GITHUB_REF_NAME: "main", GITHUB_REF_TYPE: "tag" }],
  ["GitLab", { CI_COMMIT_TAG: "main", CI_COMMIT_REF_NAME: "main" }],
  ["Azure Pipelines", { BUILD_SOURCEBRANCH: "refs/tags/main" }],
  ["Jenkins", { BRANCH_NAME: "feature/fb-1", TAG_NAME: "feature/fb-1" }],
  ["Buildkite", { BUILDKITE_BRANCH: "v1.2.3", BUILDKITE_TAG: "v1.2.3" }],
  ["Travis", { TRAVIS_BRANCH: "v1.2.3", TRAVIS_TAG: "v1.2.3" }],
  ["whoever says no more than that it is a commit", { BRANCH_NAME: "HEAD" }],
])("a tag of %s is no branch, whatever its name", (_, env) => {
  head(COMMIT);
  expect(currentBranch(root, env)).toEqual({ detached: true });
});
