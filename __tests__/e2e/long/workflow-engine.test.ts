import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { readPointers } from "../../../tools/support/image-pointers";
import { leftovers } from "../../../tools/support/leftovers";
import { root } from "../../../tools/support/project";
import { releasedIn } from "../../../tools/support/released-services";
import { Sandbox } from "../support/sandbox";
import { filesBelow, placesWith, secretValues } from "../support/secrets";
import { stateVersions } from "../support/state";
import { steps } from "../support/steps";
import { type WorkingTree } from "../support/working-tree";

const STACK = "dev-stack";

const step = steps();
let folder: string;
let sandbox: Sandbox;
let project: WorkingTree;
/** With the credentials of staging's account. */
let staging: WorkingTree;
let production: WorkingTree;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "workflow-engine-"));
  sandbox = await Sandbox.start("workflow-engine");
  // An engine that builds nothing: what it "builds" it really pushes. images.test.ts has a real one.
  const CONTAINER_ENGINE = join(root, "__tests__/support/docker.mjs");
  const variables = { SYSTEM: "workflow-engine", CONTAINER_ENGINE, TEST_DOCKER_IMAGES: join(folder, "images") };
  [project, staging, production] = await Promise.all([
    sandbox.checkout("dev", variables),
    sandbox.checkout("staging", variables),
    sandbox.checkout("production", variables),
  ]);
});

afterAll(async () => {
  await sandbox?.end();
  rmSync(folder, { recursive: true, force: true });
});

step(
  "Workflow Engine deploys, and its second plan is empty; staging, an empty account, gets a release (engine and tasks simulated)",
  async () => {
    const released = staging.tool("release", "staging", "--yes");
    await project.bootstrap("dev");
    await project.cdktf("deploy", STACK, "--auto-approve");
    await project.cdktf("plan", STACK);
    await project.expectNoChanges(STACK);
    expect(await released).toMatch(
      /we-staging is released, in \d+ s\.\n\n service +ran before +runs now\n server +nothing/,
    );
  },
);

step("neither the database's password nor JWT_SECRET is in the plan, in the state, or in cdktf.out", async () => {
  const values = await secretValues(sandbox.clients());
  expect(values.length).toBeGreaterThanOrEqual(3);
  const states = await stateVersions(sandbox.clients(), project.stack(STACK));
  expect(placesWith(values, [...states, ...filesBelow(project.folder)])).toEqual([]);
});

step("Redis asks IAM, and its default user may do nothing", async () => {
  const state = await project.terraform(STACK, "show", "-json");
  expect(state).toContain('"authentication_mode":[{"password_count":0,"passwords":null,"type":"iam"}]');
  expect(state).toContain("off ");
});

step(
  "production, an empty account, is promoted to what staging runs, with nothing that could build it (tasks simulated)",
  async () => {
    const destroyed = project.tool("destroy", "dev", "--yes");
    const unable = staging.with({ CONTAINER_ENGINE: "/nonexistent/docker" });
    const said = await unable.tool("promote", "staging", "production", "--yes");
    expect(said).toMatch(/service +we-staging runs +we-production runs/);
    expect(await digestOf("production")).toBe(await digestOf("staging"));
    await production.cdktf("plan", "production-stack");
    await production.expectNoChanges("production-stack");

    expect(await destroyed).toContain("Nothing of we-dev is left");
    expect(await leftovers("we-dev", sandbox.clients())).toEqual([]);
  },
);

/** The digest of the image that an environment's server runs. */
async function digestOf(environment: string): Promise<string> {
  const { services } = releasedIn(staging.stack(`${environment}-stack`).folder);
  const [image = ""] = (await readPointers(services, sandbox.clients(environment))).values();
  expect(image).toMatch(/@sha256:[0-9a-f]{64}$/);
  return image.replace(/^.*@/, "");
}
