import { type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { appendFileSync, mkdtempSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { readPointers } from "../../../tools/support/image-pointers";
import { imageSource, sourceTag } from "../../../tools/support/image-source";
import { leftovers } from "../../../tools/support/leftovers";
import { root } from "../../../tools/support/project";
import { releaseHolder } from "../../../tools/support/release-lock";
import { releasedIn } from "../../../tools/support/released-services";
import { type Outcome } from "../../../tools/support/run";
import { stateLock } from "../../../tools/support/state-lock";
import { askDoctor, obeyDoctor } from "../support/doctor";
import { checkRuns, killAll, startTool, tail } from "../support/kill";
import { succeeded } from "../support/outcome";
import { Sandbox } from "../support/sandbox";
import { filesBelow, placesWith, secretValues } from "../support/secrets";
import { stateVersions } from "../support/state";
import { steps, until } from "../support/steps";
import { type WorkingTree } from "../support/working-tree";

const STACK = "dev-stack";
const SYSTEM = "workflow-orchestrator";
const SERVICES = ["api", "orchestrator", "reaper", "worker"];
/** Resources that an apply has made when it is in its midst: far from all, on a fast machine too. */
const SOME = 10;

const step = steps();
let folder: string;
let sandbox: Sandbox;
/** The shared wo-dev, on the branch main. */
let shared: WorkingTree;
/** wo-42-dev, on a branch of its own. */
let preview: WorkingTree;
let begun: ChildProcess | undefined;
/** The tag of the image that both are released with first. */
let original: string;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "release-"));
  sandbox = await Sandbox.start("release", { LOCAL_TASKS: join(folder, "tasks.json") });
  // An engine that builds nothing: what it "builds" it really pushes. __tests__/e2e/long/images.test.ts has a real one.
  const CONTAINER_ENGINE = join(root, "__tests__/support/docker.mjs");
  const variables = { SYSTEM, CONTAINER_ENGINE, TEST_DOCKER_IMAGES: join(folder, "images") };
  [shared, preview] = await Promise.all([sandbox.checkout("dev", variables), sandbox.checkout("dev", variables)]);
  await preview.git("switch", "--quiet", "--create", "feature/wo-42-add-retries");
  writeFileSync(join(folder, "migrate.mjs"), 'console.log("0001 applied");\n');
  writeFileSync(join(folder, "broken.mjs"), 'console.log("0002: no such column");\nprocess.exit(3);\n');
});

afterAll(async () => {
  if (begun?.exitCode === null && begun.signalCode === null) await killAll(begun);
  await sandbox?.end();
  rmSync(folder, { recursive: true, force: true });
});

step(
  "wo-dev is released into an empty account; wo-42-dev beside it, though killed in its apply and brought home by the doctor, then stopped by ctrl-C (engine and tasks simulated)",
  async () => {
    original = await tagOf(shared);
    await tasksOf(original, { command: ["node", "migrate.mjs"] });
    const first = shared.tryTool("release", "dev");
    await until("wo-dev's release holds its lock", 600, () => holderOf(shared));
    await refusesASecond();

    begun = await beginRelease();
    await killAll(begun);
    const said = (await obeyDoctor(preview)).join("\n");
    expect(said).toMatch(/Lock: held by a Terraform apply/);

    begun = await beginRelease();
    const stopped = once(begun, "exit");
    begun.kill("SIGINT");
    expect((await stopped)[0]).toBe(130);
    expect(tail(preview)).toMatch(/Interrupted\. The infrastructure is applied in part\. The services run the images/);
    expect(tail(preview)).toMatch(/Next: SYSTEM=workflow-orchestrator npm run doctor -- dev\n$/);
    expect(await stateLock(sandbox.clients(), preview.stack(STACK))).toBeUndefined();
    expect(await holderOf(preview)).toBeUndefined();
    await obeyDoctor(preview);
    await failsAtFirst();

    const [one, other] = await Promise.all([first, preview.tool("release", "dev")]);
    const whole = succeeded(["release"], one);
    expect(whole).toContain("Migration: 0001 applied");
    expect(whole).toMatch(/wo-dev is released, in \d+ s\.\n\n service +ran before +runs now\n api +nothing +files-/);
    expect(whole).toMatch(/\n {2}http:\/\/wo-dev-load-balancer-\S+\n?$/);
    expect(other).toMatch(/^wo-42-dev: workflow-orchestrator, dev, .*by the branch feature\/wo-42-add-retries$/m);
    expect(other).toMatch(/\n {2}http:\/\/wo-42-dev-load-balancer-\S+\n?$/);
    for (const tree of [shared, preview]) expect(await runsOnly(tree, original)).toBe(true);
  },
  5,
);

step(
  "both plans are empty, and the same release again has nothing to change, but for a migration that is asked for",
  async () => {
    await Promise.all(
      [shared, preview].map(async (tree) => {
        await tree.plan(STACK);
        await tree.expectNoChanges(STACK);
      }),
    );
    const tag = await tagOf(shared);
    const again = await shared.tool("release", "dev", "--image-tag", tag);
    expect(again).toContain("Nothing to change: wo-dev runs this already.");
    expect(again).not.toMatch(/Migration|Rollout/);
    // As after the database was restored.
    expect(await shared.tool("release", "dev", "--image-tag", tag, "--migrate")).toContain("Migration: 0001 applied");
  },
);

step("an image tag that does not exist is told with those that do, and nothing is changed", async () => {
  const { exitCode, lines } = await shared.tryTool("release", "dev", "--image-tag", "v9");
  expect(exitCode).toBe(1);
  expect(lines.join("\n")).toMatch(/wo-dev-images has no image v9\. Its newest:\n {2}files-/);
});

step(
  "a failing migration leaves the old pointers; a health check that never turns green puts the earlier images back (simulated)",
  async () => {
    for (const tree of [shared, preview]) change(tree, tree === shared ? "migration" : "health");
    await tasksOf(await tagOf(shared), { command: ["node", "broken.mjs"] });
    await tasksOf(await tagOf(preview), { health: 503 });
    const [migration, health] = await Promise.all([
      shared.tryTool("release", "dev"),
      preview.tryTool("release", "dev"),
    ]);
    expect(failed(migration)).toMatch(/Migration: 0002: no such column[^]*failed with exit code 3[^]*no pointer was/);
    expect(await runsOnly(shared, original)).toBe(true);

    expect(failed(health)).toMatch(/answers 503 for 120 s; expected 200[^]*\nRuns again: api files-/);
    expect(await runsOnly(preview, original)).toBe(true);
  },
  3,
);

step("a rollout that fails goes back by itself, with ECS's reasons, and leaves an empty plan (simulated)", async () => {
  change(shared, "rollout");
  await tasksOf(await tagOf(shared), { rollout: "fails", reason: "CannotPullContainerError: not found" });
  const output = failed(await shared.tryTool("release", "dev"));
  // Each service's reasons, not only those of the first.
  for (const service of SERVICES)
    expect(output).toMatch(new RegExp(`\\n${service}: .*\\n(?: {2}.*\\n)*? {2}.*CannotPullContainerError: not found`));
  expect(output).toMatch(/Runs again: api files-/);
  expect(output).toContain("The services run the images that they ran before");
  expect(await runsOnly(shared, original)).toBe(true);
  await shared.plan(STACK);
  await shared.expectNoChanges(STACK);
});

step("a plan that would replace the database is refused, and nothing is changed", async () => {
  const file = join(preview.folder, "stacks/workflow-orchestrator-stack.ts");
  const code = readFileSync(file, "utf8");
  writeFileSync(file, code.replace('new Postgres(this, "database"', 'new Postgres(this, "records"'));
  expect(failed(await preview.tryTool("release", "dev"))).toMatch(/\nRefused:\n- [^]*aws_db_instance\.database/);
  writeFileSync(file, code);
  expect(await runsOnly(preview, original)).toBe(true);
});

step("--plan-only changes nothing; --skip-migrate leaves a migration out, and the next release does it", async () => {
  change(shared, "skipped");
  const tag = await tagOf(shared);
  await tasksOf(tag, { command: ["node", "broken.mjs"] });
  expect(await shared.tool("release", "dev", "--plan-only")).toContain("Nothing that runs was changed");
  expect(await runsOnly(shared, original)).toBe(true);

  expect(await shared.tool("release", "dev", "--skip-migrate")).toContain("Migration: skipped (--skip-migrate)");
  expect(await runsOnly(shared, tag)).toBe(true);
  expect(failed(await shared.tryTool("release", "dev"))).toContain("Migration: 0002: no such column");
});

step("no secret's value is in a plan, in cdktf.out, in what was printed, or in any version of a state", async () => {
  const values = await secretValues(sandbox.clients());
  expect(values.length).toBeGreaterThanOrEqual(4);
  const states = await Promise.all(
    [shared, preview].map((tree) => stateVersions(sandbox.clients(), tree.stack(STACK))),
  );
  const places = [...states.flat(), ...filesBelow(shared.folder), ...filesBelow(preview.folder)];
  expect(places.map(({ where }) => where)).toEqual(expect.arrayContaining([shared.log, preview.log]));
  expect(placesWith(values, places)).toEqual([]);
});

step("destroying wo-42-dev leaves nothing of it, and wo-dev as it was", async () => {
  expect(await shared.tool("deployments")).toMatch(/\bwo-42-dev\b/);
  expect(await preview.tool("destroy", "dev", "--yes")).toContain("Nothing of wo-42-dev is left");
  expect(await leftovers("wo-42-dev", sandbox.clients())).toEqual([]);
  expect(await shared.tool("deployments")).not.toMatch(/\bwo-42-dev\b/);
  await shared.plan(STACK);
  await shared.expectNoChanges(STACK);
});

/** A colleague's checkout, while the first release works. */
async function refusesASecond(): Promise<void> {
  const { SYSTEM, CONTAINER_ENGINE = "", TEST_DOCKER_IMAGES = "" } = shared.env as Record<string, string>;
  const colleague = await sandbox.checkout("dev", { SYSTEM: String(SYSTEM), CONTAINER_ENGINE, TEST_DOCKER_IMAGES });
  const { exitCode, lines } = await colleague.tryTool("release", "dev");
  expect(exitCode).toBe(1);
  expect(lines.join("\n")).toMatch(/a release of wo-dev by \S+ runs since 20\d\d-\d\d-\d\d .* UTC \(/);

  const { findings } = await askDoctor(colleague);
  expect(findings.filter(({ chapter }) => chapter === "Lock")).toMatchObject([
    { level: "problem", text: expect.stringContaining("gives signs of life. Wait for it."), commands: [] },
  ]);
}

/** A first release whose tasks never start: nothing ran before, to which ECS itself could go back. */
async function failsAtFirst(): Promise<void> {
  const file = join(sourceOf(preview), "Dockerfile");
  const before = readFileSync(file, "utf8");
  change(preview, "never starts");
  await tasksOf(await tagOf(preview), { rollout: "fails", reason: "CannotPullContainerError: not found" });
  expect(failed(await preview.tryTool("release", "dev"))).toMatch(
    /CannotPullContainerError: not found[^]*Runs again: api nothing; orchestrator nothing/,
  );
  writeFileSync(file, before);
}

/** A release of wo-42-dev that has made some resources of its infrastructure, and is at the next. */
async function beginRelease(): Promise<ChildProcess> {
  const from = statSync(preview.log).size;
  const child = startTool(preview, "release", "dev");
  await until("its apply has made the first of many resources", 900, () => {
    checkRuns(child, preview);
    const printed = readFileSync(preview.log).subarray(from).toString("utf8");
    return Promise.resolve((/^Infrastructure …$/m.test(printed) && made() >= SOME) || undefined);
  });
  return child;
}

/** How many resources the command made that Terraform runs for wo-42-dev's release: an earlier one made the repositories. */
function made(): number {
  const log = readFileSync(join(preview.folder, ".local/logs/release.log"), "utf8");
  const last = log.split(/^\$ /m).at(-1) ?? "";
  return [...last.matchAll(/^aws_\S+: Creation complete after /gm)].length;
}

function failed({ exitCode, lines }: Outcome): string {
  expect(exitCode).toBe(1);
  return lines.join("\n");
}

/** Undefined too while it is not synthesized. */
async function holderOf(tree: WorkingTree) {
  const stack = attempt(() => tree.stack(STACK));
  return stack && releaseHolder(stack, sandbox.clients());
}

function attempt<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch {
    return undefined;
  }
}

function sourceOf({ folder: project }: WorkingTree): string {
  return imageSource(SYSTEM, "app", project);
}

/** The tag that a release of the tree gives its image. */
function tagOf(tree: WorkingTree): Promise<string> {
  return sourceTag(sourceOf(tree));
}

/** Another image, from now on. */
function change(tree: WorkingTree, text: string): void {
  appendFileSync(join(sourceOf(tree), "Dockerfile"), `# ${text}\n`);
}

/** What the tasks of an image do, on the local AWS. */
async function tasksOf(tag: string, what: object): Promise<void> {
  const file = join(folder, "tasks.json");
  const all = JSON.parse(attempt(() => readFileSync(file, "utf8")) ?? "{}") as Record<string, object>;
  writeFileSync(`${file}.new`, JSON.stringify({ ...all, [tag]: what }));
  renameSync(`${file}.new`, file); // The local AWS reads it while a release runs, and must not meet half of it.
  return Promise.resolve();
}

/** Whether every pointer and every service of a deployment names the image of a tag, and all the tasks run that are wanted. */
async function runsOnly(tree: WorkingTree, tag: string): Promise<boolean> {
  const { deployment, folder: stack } = tree.stack(STACK);
  const { imageDetails } = (await sandbox.cli(
    ...["ecr", "describe-images", "--repository-name", `${deployment}-images`, "--image-ids", `imageTag=${tag}`],
  )) as { imageDetails: [{ imageDigest: string }] };
  const { services: released } = releasedIn(stack);
  const pointers = [...(await readPointers(released, sandbox.clients())).values()];
  const names = SERVICES.map((service) => `${deployment}-${service}`);
  const { services } = (await sandbox.cli(
    ...["ecs", "describe-services", "--cluster", `${deployment}-cluster`, "--services", ...names],
  )) as { services: { taskDefinition: string; desiredCount: number; runningCount: number }[] };
  const images = await Promise.all(
    services.map(async ({ taskDefinition }) => {
      const { taskDefinition: found } = (await sandbox.cli(
        ...["ecs", "describe-task-definition", "--task-definition", taskDefinition],
      )) as { taskDefinition: { containerDefinitions: [{ image: string }] } };
      return found.containerDefinitions[0].image;
    }),
  );
  const [{ imageDigest }] = imageDetails;
  expect([...pointers, ...images].map((image) => image.replace(/^.*@/, ""))).toEqual(Array(8).fill(imageDigest));
  expect(services.map(({ desiredCount, runningCount }) => [desiredCount, runningCount])).toEqual(Array(4).fill([1, 1]));
  return true;
}
