import { leftovers } from "../../../tools/support/leftovers";
import { deleteTaskDefinitions } from "../../../tools/support/task-definitions";
import { Sandbox } from "../support/sandbox";
import { steps } from "../support/steps";
import { type Change, type WorkingTree } from "../support/working-tree";

const STACK = "dev-stack";
const APP = ["--app", "node_modules/.bin/ts-node -T __tests__/fixtures/two-systems.ts"];

const step = steps();
let sandbox: Sandbox;
/** One working tree for all: the branch and SYSTEM say which deployment `dev-stack` is. */
let project: WorkingTree;
let fixture: WorkingTree;

beforeAll(async () => {
  sandbox = await Sandbox.start("previews");
  project = await sandbox.checkout("dev", {});
  fixture = project.with({ SYSTEM: "fixture" });
});

afterAll(() => sandbox?.end());

step("on main, dev-stack is fb-dev", async () => {
  await project.bootstrap("dev");
  await project.cdktf("deploy", STACK, "--auto-approve");
  expect(project.stack(STACK).deployment).toBe("fb-dev");
  await unchanged(project);
});

step("on feature/fb-1-x it is fb-1-dev, whose first plan only creates, and which deploys beside fb-dev", async () => {
  await project.git("switch", "--quiet", "--create", "feature/fb-1-x");
  const planned = await changes(project);
  expect(project.stack(STACK).deployment).toBe("fb-1-dev");
  expect(planned.length).toBeGreaterThan(100);
  expect(planned.filter(({ action }) => action !== "create")).toEqual([]);

  await project.apply(STACK);
  await unchanged(project);
});

step("back on main, the plan of fb-dev is empty: nothing asks for a migration, no state met the other", async () => {
  await project.git("switch", "--quiet", "main");
  await unchanged(project);
  expect(project.stack(STACK).deployment).toBe("fb-dev");
});

step("another system deploys from the same tree, and afterwards both plans are empty", async () => {
  expect(await changes(fixture, ...APP)).toEqual([
    { address: "aws_ssm_parameter.note", action: "create" },
    { address: "output.note_name", action: "create" },
  ]);
  await fixture.apply(STACK);
  expect(fixture.stack(STACK).deployment).toBe("fx-dev");

  await unchanged(project);
  await unchanged(fixture, ...APP);
});

step("destroying fb-1-dev leaves nothing of it, and fb-dev as it was", async () => {
  await project.git("switch", "--quiet", "feature/fb-1-x");
  await project.cdktf("destroy", STACK, "--auto-approve");
  expect(await deleteTaskDefinitions("fb-1-dev", sandbox.clients())).toBe(2);
  expect(await leftovers("fb-1-dev", sandbox.clients())).toEqual([]);

  await project.git("switch", "--quiet", "main");
  await unchanged(project);
});

/** What `cdktf plan dev-stack` says, with nobody there to answer a question. */
async function changes(tree: WorkingTree, ...args: string[]): Promise<readonly Change[]> {
  await tree.cdktf("plan", STACK, ...args);
  return (await tree.planned(STACK)).changes;
}

async function unchanged(tree: WorkingTree, ...args: string[]): Promise<void> {
  await tree.cdktf("plan", STACK, ...args);
  await tree.expectNoChanges(STACK);
}
