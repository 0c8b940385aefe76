import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { leftovers } from "../../../tools/support/leftovers";
import { root } from "../../../tools/support/project";
import { deleteTaskDefinitions } from "../../../tools/support/task-definitions";
import { Sandbox } from "../support/sandbox";
import { steps } from "../support/steps";
import { type Change, type WorkingTree } from "../support/working-tree";

const STACK = "dev-stack";
const APP = ["--app", "node_modules/.bin/ts-node -T __tests__/fixtures/two-systems.ts"];

const step = steps();
let images: string;
let sandbox: Sandbox;
/** One working tree for all: the branch and SYSTEM say which deployment `dev-stack` is. */
let project: WorkingTree;
let fixture: WorkingTree;

beforeAll(async () => {
  images = mkdtempSync(join(tmpdir(), "previews-"));
  sandbox = await Sandbox.start("previews");
  project = await sandbox.checkout("dev", {
    // An engine that builds nothing: what it "builds" it really pushes. images.test.ts has a real one.
    CONTAINER_ENGINE: join(root, "__tests__/support/docker.mjs"),
    TEST_DOCKER_IMAGES: images,
  });
  fixture = project.with({ SYSTEM: "fixture" });
});

afterAll(async () => {
  await sandbox?.end();
  rmSync(images, { recursive: true, force: true });
});

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

step(
  "a release raises fb-dev's sleeping services until they were seen to run their images, and fb-1-dev's plan stays empty (engine and tasks simulated)",
  async () => {
    const said = await project.tool("release", "dev");
    for (const service of ["api", "worker"])
      expect(said).toMatch(new RegExp(`\\b${service} runs its image \\(simulated\\): .*raised from 0 to be seen`));
    expect(await bounds()).toEqual([
      [0, 2],
      [0, 2],
    ]);
    await unchanged(project);
    await project.git("switch", "--quiet", "feature/fb-1-x");
    await unchanged(project);
  },
);

step("destroying fb-1-dev leaves nothing of it, and fb-dev as it was", async () => {
  await project.git("switch", "--quiet", "feature/fb-1-x");
  await project.cdktf("destroy", STACK, "--auto-approve");
  expect(await deleteTaskDefinitions("fb-1-dev", sandbox.clients())).toBe(2);
  expect(await leftovers("fb-1-dev", sandbox.clients())).toEqual([]);

  await project.git("switch", "--quiet", "main");
  await unchanged(project);
});

/** The least and the most tasks of fb-dev's services. */
async function bounds(): Promise<number[][]> {
  const ids = ["fb-dev-api", "fb-dev-worker"].map((service) => `service/fb-dev-cluster/${service}`);
  const { ScalableTargets } = (await sandbox.cli(
    ...["application-autoscaling", "describe-scalable-targets", "--service-namespace", "ecs", "--resource-ids", ...ids],
  )) as { ScalableTargets: { MinCapacity: number; MaxCapacity: number }[] };
  return ScalableTargets.map(({ MinCapacity, MaxCapacity }) => [MinCapacity, MaxCapacity]);
}

/** What `cdktf plan dev-stack` says, with nobody there to answer a question. */
async function changes(tree: WorkingTree, ...args: string[]): Promise<readonly Change[]> {
  await tree.cdktf("plan", STACK, ...args);
  return (await tree.planned(STACK)).changes;
}

async function unchanged(tree: WorkingTree, ...args: string[]): Promise<void> {
  await tree.cdktf("plan", STACK, ...args);
  await tree.expectNoChanges(STACK);
}
