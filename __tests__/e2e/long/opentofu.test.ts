import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { leftovers } from "../../../tools/support/leftovers";
import { localFolder, root } from "../../../tools/support/project";
import { parseState } from "../../../tools/support/recorded-state";
import { TAKE_STATE_OVER } from "../../../tools/support/terraform-binary";
import { explain } from "../../../tools/support/terraform-errors";
import { binaryVariables, installOpenTofu } from "../support/opentofu";
import { Sandbox } from "../support/sandbox";
import { steps } from "../support/steps";
import { type WorkingTree } from "../support/working-tree";

const MINUTE = 60_000;
const STACK = "dev-stack";
const [OPENTOFU, TERRAFORM] = ["registry.opentofu.org/hashicorp/aws", "registry.terraform.io/hashicorp/aws"];
/** Where no registry answers; the local AWS is reached without a proxy. */
const NO_NETWORK = { HTTPS_PROXY: "http://127.0.0.1:9", https_proxy: "http://127.0.0.1:9" };

const step = steps();
let sandbox: Sandbox;
/** Each environment's checkout, whose commands run OpenTofu. */
const trees = new Map<string, WorkingTree>();
let terraform: WorkingTree;
let tofu: WorkingTree;

beforeAll(async () => {
  const binary = binaryVariables(await installOpenTofu());
  sandbox = await Sandbox.start("opentofu");
  for (const environment of ["dev", "staging", "production"]) {
    const tree = await sandbox.checkout(environment, { SYSTEM: "workflow-engine", PREFIX: "we" });
    // Without a mirror on this machine, or with a configuration of its own, the registry may be asked.
    const mirrored = binary["TF_CLI_CONFIG_FILE"] === localFolder("tofu.rc");
    trees.set(environment, tree.with({ ...binary, ...(mirrored && NO_NETWORK) }));
  }
  tofu = trees.get("dev") as WorkingTree;
  terraform = tofu.with(binaryVariables("terraform"));
}, 90 * MINUTE);

afterAll(() => sandbox?.end());

step(
  "Workflow Engine synthesizes, initializes, validates and plans with OpenTofu, from a mirror and the committed lock",
  async () => {
    await Promise.all(
      [...trees].map(async ([environment, tree]) => {
        const stack = `${environment}-stack`;
        await tree.bootstrap(environment);
        await tree.cdktf("plan", stack);
        const { changes, json } = await tree.planned(stack);
        expect(changes.length).toBeGreaterThan(50);
        expect(changes.filter(({ action }) => action !== "create")).toEqual([]);
        expect(json).toContain(`"${OPENTOFU}"`);
        expect(await tree.terraform(stack, "validate", "-no-color")).toContain("The configuration is valid.");
        expect(await tree.terraform(stack, "version", "-no-color")).toMatch(/^OpenTofu v1\./);
        const lock = readFileSync(join(tree.stack(stack).folder, ".terraform.lock.hcl"), "utf8");
        expect(lock).toBe(readFileSync(join(root, "opentofu.lock.hcl"), "utf8"));
      }),
    );
  },
);

step("dev deploys with OpenTofu, and the second plan is empty, also without a synth before it", async () => {
  await tofu.cdktf("deploy", STACK, "--auto-approve");
  await tofu.cdktf("plan", STACK, "--skip-synth");
  await tofu.expectNoChanges(STACK);
  expect(await tofu.tool("check-plan", STACK)).toContain("no changes");
  expect(await tofu.tool("doctor", "dev")).toContain("Healthy.");
});

step(
  "what Terraform gets is the same, byte for byte; OpenTofu's state it refuses, and the error has the command that mends it",
  async () => {
    const { digest, accountId } = tofu.stack(STACK);
    await terraform.cdktf("synth");
    expect(terraform.stack(STACK).digest).toBe(digest);

    const { exitCode, lines } = await terraform.tryTerraform(STACK, "init", "-input=false", "-no-color");
    expect(exitCode).not.toBe(0);
    const { next } = explain(lines, { stack: STACK, environment: "dev", accountId, again: "npm run release" });
    expect(next).toBe(`terraform -chdir=cdktf.out/stacks/${STACK} ${TAKE_STATE_OVER.join(" ")}`);

    await terraform.terraform(STACK, ...TAKE_STATE_OVER);
    await terraform.cdktf("plan", STACK);
    await terraform.expectNoChanges(STACK);
  },
);

step(
  "OpenTofu takes Terraform's state as it is: its plan is empty, and its next apply writes the providers' names anew",
  async () => {
    await tofu.cdktf("plan", STACK);
    await tofu.expectNoChanges(STACK);
    expect(await providers()).toEqual([TERRAFORM]);
    await tofu.apply(STACK);
    expect(await providers()).toEqual([OPENTOFU]);
  },
);

step("a release and a destroy run OpenTofu too, and leave nothing (engine and tasks simulated)", async () => {
  const images = mkdtempSync(join(tmpdir(), "opentofu-"));
  const CONTAINER_ENGINE = join(root, "__tests__/support/docker.mjs");
  const tree = tofu.with({ CONTAINER_ENGINE, TEST_DOCKER_IMAGES: images });
  expect(await tree.tool("release", "dev")).toMatch(/we-dev is released, in \d+ s\./);
  expect(await providers()).toEqual([OPENTOFU]);
  expect(await tree.tool("destroy", "dev", "--yes")).toContain("Nothing of we-dev is left");
  expect(await leftovers("we-dev", sandbox.clients())).toEqual([]);
  rmSync(images, { recursive: true, force: true });
});

async function providers(): Promise<string[]> {
  return [...(parseState(await tofu.terraform(STACK, "state", "pull"))?.providers ?? [])];
}
