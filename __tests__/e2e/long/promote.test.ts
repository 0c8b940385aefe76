import { appendFileSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { findImage } from "../../../tools/support/ecr-images";
import { readPointers } from "../../../tools/support/image-pointers";
import { imageSource, sourceTag } from "../../../tools/support/image-source";
import { root } from "../../../tools/support/project";
import { releasedIn } from "../../../tools/support/released-services";
import { Sandbox } from "../support/sandbox";
import { steps } from "../support/steps";
import { type WorkingTree } from "../support/working-tree";

const SERVICES = ["api", "orchestrator", "reaper", "worker"];

const step = steps();
let folder: string;
let sandbox: Sandbox;
/** With the credentials of dev's account. */
let project: WorkingTree;
/** With those of production's. */
let operator: WorkingTree;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "promote-"));
  sandbox = await Sandbox.start("promote");
  const variables = {
    SYSTEM: "workflow-orchestrator",
    // An engine that builds nothing: what it "builds" it really pushes. images.test.ts has a real one.
    CONTAINER_ENGINE: join(root, "__tests__/support/docker.mjs"),
    TEST_DOCKER_IMAGES: join(folder, "images"),
  };
  project = await sandbox.checkout("dev", variables);
  operator = await sandbox.checkout("production", variables);
});

afterAll(async () => {
  await sandbox?.end();
  rmSync(folder, { recursive: true, force: true });
});

/** The image that all services of an environment run. */
async function imageOf(environment: string): Promise<{ readonly reference: string; readonly digest: string }> {
  const { services } = releasedIn(project.stack(`${environment}-stack`).folder);
  const references = [...(await readPointers(services, sandbox.clients(environment))).entries()];
  expect(references.map(([path]) => path).sort()).toEqual(SERVICES);
  const [reference = "", ...others] = new Set(references.map(([, image]) => image));
  expect(others).toEqual([]);
  return { reference, digest: reference.replace(/^.*@/, "") };
}

async function refused(...args: readonly string[]): Promise<string> {
  const { exitCode, lines } = await project.tryTool("promote", ...args);
  expect(exitCode).toBe(1);
  return lines.join("\n");
}

step("nothing is promoted that was not released, and nothing to a place that there is not", async () => {
  expect(await refused("dev", "production", "--yes")).toMatch(
    /wo-dev runs nothing that could be promoted[^]+- api: nothing is released/,
  );
  expect(await refused("staging", "production", "--yes")).toContain("workflow-orchestrator has dev, production");
  expect(await refused("dev", "dev", "--yes")).toContain("dev cannot be promoted to itself");
});

step("dev is released (engine and tasks simulated)", async () => {
  await project.tool("release", "dev");
  expect((await imageOf("dev")).reference).toContain("/wo-dev-images@sha256:");
});

step(
  "production, an empty account, gets the very image that dev runs, and dev stays as it is (engine and tasks simulated)",
  async () => {
    const dev = await imageOf("dev");
    expect(await refused("dev", "production")).toContain(
      "There is no terminal to ask at: --yes promotes without asking",
    );
    const said = await project.tool("promote", "dev", "production", "--yes");

    expect(said).toMatch(/service +wo-dev runs +wo-production runs/);
    for (const service of SERVICES)
      expect(said).toMatch(new RegExp(`\\n${service} +\\S+ \\([0-9a-f]{12}\\) +none +changes\\n`));
    expect(said).toContain("Images of wo-dev copied");
    const production = await imageOf("production");
    expect(production.digest).toBe(dev.digest);
    expect(production.reference).toContain("/wo-production-images@sha256:");
    const [there, here] = await Promise.all([
      findImage("wo-dev-images", { digest: dev.digest }, sandbox.clients("dev")),
      findImage("wo-production-images", { digest: dev.digest }, sandbox.clients("production")),
    ]);
    expect(here?.tags).toEqual(there?.tags);
    expect(await imageOf("dev")).toEqual(dev);
  },
);

step("the same again changes nothing, and says so", async () => {
  const said = await project.tool("promote", "dev", "production", "--yes");
  expect(said).toMatch(/\nwo-production runs what wo-dev runs\. Nothing was changed\.$/);
});

step(
  "an operator releases production by a tag that is there, sees what changes, and is asked (engine and tasks simulated)",
  async () => {
    const file = join(imageSource("workflow-orchestrator", "app", operator.folder), "Dockerfile");
    appendFileSync(file, "# v0.5.1\n");
    const tag = await sourceTag(dirname(file));
    const first = await operator.tryTool("release", "production");
    expect(first.exitCode).toBe(1);
    expect(first.lines.join("\n")).toMatch(/wo-production is protected, so a release asks[^]*--yes/);
    const { digest } = await imageOf("production");

    const said = await operator.tool("release", "production", "--image-tag", tag, "--yes");
    expect(said).toMatch(new RegExp(`service +runs +will run\\n api +files-\\S+ sha256:\\S+ +${tag} sha256:`));
    expect(said).toMatch(/wo-production is released, in \d+ s\./);
    expect((await imageOf("production")).digest).not.toBe(digest);
  },
);

step("a preview is promoted only when it is named", async () => {
  await project.git("switch", "--quiet", "--create", "feature/wo-42-add-retries");
  const said = await refused("dev", "production", "--yes");
  expect(said).toContain("The branch makes dev the preview wo-42-dev.");
  expect(said).toMatch(
    /Next: SYSTEM=workflow-orchestrator PREFIX=wo npm run promote -- dev production, or PREFIX=wo-42 for the preview$/,
  );
});
