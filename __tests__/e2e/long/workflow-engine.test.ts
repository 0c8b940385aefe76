import { leftovers } from "../../../tools/support/leftovers";
import { deleteTaskDefinitions } from "../../../tools/support/task-definitions";
import { Sandbox } from "../support/sandbox";
import { filesBelow, placesWith, secretValues } from "../support/secrets";
import { steps } from "../support/steps";
import { type WorkingTree } from "../support/working-tree";

const STACK = "dev-stack";

const step = steps();
let sandbox: Sandbox;
let project: WorkingTree;
let production: WorkingTree;

beforeAll(async () => {
  sandbox = await Sandbox.start("workflow-engine");
  project = await sandbox.checkout("dev", { SYSTEM: "workflow-engine", PREFIX: "we" });
  production = await sandbox.checkout("production", { SYSTEM: "workflow-engine" });
});

afterAll(async () => {
  await sandbox?.end();
});

step("Workflow Engine deploys, dev and production, and the second plans are empty", async () => {
  await Promise.all(
    (
      [
        [project, "dev"],
        [production, "production"],
      ] as const
    ).map(async ([tree, environment]) => {
      const stack = `${environment}-stack`;
      await tree.bootstrap(environment);
      await tree.cdktf("deploy", stack, "--auto-approve");
      await tree.cdktf("plan", stack);
      await tree.expectNoChanges(stack);
    }),
  );
});

step("neither the database's password nor JWT_SECRET is in the plan, in the state, or in cdktf.out", async () => {
  const values = await secretValues(sandbox.clients());
  expect(values.length).toBeGreaterThanOrEqual(3);
  expect(placesWith(values, filesBelow(project.folder))).toEqual([]);
});

step("Redis asks IAM, and its default user may do nothing", async () => {
  const state = await project.terraform(STACK, "show", "-json");
  expect(state).toContain('"authentication_mode":[{"password_count":0,"passwords":null,"type":"iam"}]');
  expect(state).toContain("off ");
});

step("destroy leaves nothing with the deployment's tag, and no log group, network interface or snapshot", async () => {
  await project.cdktf("destroy", STACK, "--auto-approve");
  await deleteTaskDefinitions("we-dev", sandbox.clients());
  expect(await leftovers("we-dev", sandbox.clients())).toEqual([]);
});
