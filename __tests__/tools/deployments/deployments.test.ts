import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Branches, branchesOf, isGone, knownBranches } from "../../../tools/deployments/branches";
import { type Listed, deploymentAt, firstMade } from "../../../tools/deployments/listing";
import { checkAsked, chosen } from "../../../tools/deployments/reap";
import { table } from "../../../tools/deployments/table";
import { targetOf } from "../../../tools/destroy/target";

const DAY = 86_400_000;
const now = new Date("2026-11-21T12:00:00Z");
const branches = (...names: string[]): Branches => ({ names, asked: ["this checkout", "origin"], silent: [] });
const listed = (deployment: string, change: Partial<Listed> = {}): Listed => ({
  ...targetOf("flow-builder", "dev", deployment),
  changed: new Date(now.getTime() - 3 * DAY),
  state: { serial: 7, resources: 120, isProtected: false },
  ...change,
});

describe("a key in a state bucket", () => {
  test("is a deployment's where it names a system, a deployment of this environment and a state", () => {
    expect(deploymentAt("flow-builder/fb-42-dev/terraform.tfstate", "dev")).toEqual(
      targetOf("flow-builder", "dev", "fb-42-dev"),
    );
  });

  test.each([
    "state/dev/terraform.tfstate",
    "account/account-dev/terraform.tfstate",
    "state/state-dev/terraform.tfstate",
    "flow-builder/fb-dev/terraform.tfstate.tflock",
    "flow-builder/fb-production/terraform.tfstate",
    "fb-dev/terraform.tfstate",
    "a/b/fb-dev/terraform.tfstate",
    "notes.txt",
    "",
  ])("%p is of none", (key) => {
    expect(deploymentAt(key, "dev")).toBeUndefined();
  });
});

describe("a preview", () => {
  test("is of each branch that would deploy it, and of no other", () => {
    const all = branches(
      "main",
      "feature/fb-42-a",
      "bug/fb-42",
      "feature/fb-421",
      "feature/ns-42",
      "fb-42",
      "hotfix/fb-042",
    );
    expect(branchesOf(listed("fb-42-dev"), all)).toEqual(["feature/fb-42-a", "bug/fb-42"]);
    expect(branchesOf(listed("fb-dev"), all)).toEqual([]);
  });

  test("is gone when no branch is its own; a shared deployment, or one of a system that is not here, never is", () => {
    expect(isGone(listed("fb-42-dev"), branches("main", "feature/fb-4"))).toBe(true);
    expect(isGone(listed("fb-42-dev"), branches("feature/fb-42-x"))).toBe(false);
    expect(isGone(listed("fb-dev"), branches("main"))).toBe(false);
    expect(isGone({ ...listed("zz-42-dev"), system: "no-system" }, branches("main"))).toBe(false);
    expect(isGone(listed("fb-42-dev"), { names: [], asked: [], silent: [] })).toBe(false);
  });
});

describe("reap", () => {
  const doomed = (...all: Listed[]): string[] =>
    chosen(all, branches("main"), 0, now).doomed.map((it) => it.deployment);

  test("takes the previews whose branch is gone, and nothing that is shared", () => {
    expect(doomed(listed("fb-dev"), listed("fb-42-dev"), listed("fb-7-dev"))).toEqual(["fb-42-dev", "fb-7-dev"]);
  });

  test("spares what is protected, worked on, changed lately or unreadable, and says why", () => {
    const spared = [
      listed("fb-1-dev", { state: { serial: 1, resources: 1, isProtected: true } }),
      listed("fb-2-dev", { locked: "a release of fb-2-dev by ada@laptop runs" }),
      listed("fb-3-dev", { changed: new Date(now.getTime() - DAY) }),
      { ...targetOf("flow-builder", "dev", "fb-4-dev"), changed: new Date(0) },
    ];
    const choice = chosen([...spared, listed("fb-5-dev")], branches("main"), 2 * DAY, now);
    expect(choice.doomed.map((it) => it.deployment)).toEqual(["fb-5-dev"]);
    expect(choice.spared).toEqual([
      "fb-1-dev: it is protected",
      "fb-2-dev: a release of fb-2-dev by ada@laptop runs",
      "fb-3-dev: it was changed 24 hours ago",
      "fb-4-dev: its state cannot be read (npm run doctor -- dev)",
    ]);
  });

  test("is refused while a remote is silent, or there is nobody to ask", () => {
    expect(() => checkAsked({ names: [], asked: ["this checkout"], silent: ["origin"] }, false)).toThrow(
      "origin did not answer, so that a branch which is only there would look gone. Nothing was changed.",
    );
    expect(() => checkAsked({ names: [], asked: [], silent: [] }, false)).toThrow("This is no git checkout");
    expect(() => checkAsked(branches("main"), true)).not.toThrow();
    const alone = { names: ["main"], asked: ["this checkout"], silent: [] };
    expect(() => checkAsked(alone, true)).toThrow("This checkout has no remote");
    expect(() => checkAsked(alone, false)).not.toThrow();
  });
});

test("how old a deployment is, its roles say, and not the last apply", () => {
  const resource = (type: string, create_date: unknown) => ({
    ...{ address: `${type}.x`, type, tainted: false, deposed: false },
    attributes: { create_date },
  });
  const resources = [
    resource("aws_iam_role", "2026-11-20T12:00:00Z"),
    resource("aws_iam_role", "2026-11-18T12:00:00Z"),
    resource("aws_iam_role", undefined),
    resource("aws_something", "2020-01-01T00:00:00Z"),
  ];
  expect(firstMade({ resources })).toEqual(new Date("2026-11-18T12:00:00Z"));
  expect(firstMade({ resources: resources.slice(2) })).toBeUndefined();
});

test("the table says what is there, how old, which image, whose branch, and what is the matter", () => {
  const lines = table(
    [
      listed("fb-42-dev", { made: new Date(now.getTime() - 9 * DAY), images: ["v0.5.1", "1a2b3c4d5e6f"] }),
      listed("fb-7-dev", { images: [], state: { serial: 9, resources: 0, isProtected: false } }),
      listed("fb-dev", { locked: "locked by a Terraform apply of ada@laptop" }),
      { ...targetOf("notifications", "dev", "ns-dev"), changed: now },
    ],
    branches("feature/fb-42-x"),
    now,
  ).split("\n");
  expect(lines).toEqual([
    "deployment  system         resources  serial  made        changed        image                 branch           notes",
    "fb-42-dev   flow-builder   120        7       9 days ago  3 days ago     v0.5.1, 1a2b3c4d5e6f  feature/fb-42-x",
    "fb-7-dev    flow-builder   0          9       ?           3 days ago     none                  GONE             destroyed, but not to the end",
    "fb-dev      flow-builder   120        7       ?           3 days ago                                            locked by a Terraform apply of ada@laptop",
    "ns-dev      notifications  ?          ?       ?           0 seconds ago                                         its state cannot be read: npm run doctor -- dev",
  ]);
});

describe("branches", () => {
  const folder = mkdtempSync(join(tmpdir(), "branches-"));
  const here = join(folder, "here");
  const git = (cwd: string, ...args: string[]): void => {
    const options = ["-c", "user.name=t", "-c", "user.email=t@example.com", "-c", "commit.gpgsign=false"];
    execFileSync("git", [...options, ...args], { cwd, stdio: "ignore" });
  };

  beforeAll(() => {
    git(folder, "init", "--initial-branch=main", "here");
    git(here, "commit", "--allow-empty", "--message=x");
    git(folder, "init", "--bare", "there.git");
    git(here, "remote", "add", "origin", join(folder, "there.git"));
    git(here, "push", "origin", "main:feature/fb-1", "main:feature/fb-2");
    git(here, "fetch", "origin");
    git(here, "push", "origin", "--delete", "feature/fb-2");
    git(here, "update-ref", "refs/remotes/origin/feature/fb-2", "HEAD"); // As of another's deletion: not pruned here.
    git(here, "branch", "feature/fb-3");
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  test("are those of the checkout and those that its remotes have now, not those that were fetched once", async () => {
    expect(await knownBranches(here)).toEqual({
      names: ["feature/fb-1", "feature/fb-3", "main"],
      asked: ["this checkout", "origin"],
      silent: [],
    });
  });

  test("of a remote that does not answer are those that were fetched, and that is said", async () => {
    git(here, "remote", "set-url", "origin", join(folder, "nowhere.git"));
    expect(await knownBranches(here)).toEqual({
      names: ["feature/fb-1", "feature/fb-2", "feature/fb-3", "main"],
      asked: ["this checkout"],
      silent: ["origin"],
    });
  });

  test("nobody is asked where there is no checkout", async () => {
    expect(await knownBranches(tmpdir())).toEqual({ names: [], asked: [], silent: [] });
  });
});
