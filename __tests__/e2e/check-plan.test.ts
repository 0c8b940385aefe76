import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { unzipSync, zipSync } from "fflate";
import { type Change } from "../../tools/check-plan/changes";
import { type Refusal } from "../../tools/check-plan/refusals";
import { Sandbox } from "./support/sandbox";
import { makeStateBucket } from "./support/state";
import { steps } from "./support/steps";
import { type WorkingTree } from "./support/working-tree";

const STACK = "dev-stack";
const APP = "__tests__/fixtures/renamed.ts";
const QUEUES = ["aws_sqs_queue.jobs", "aws_sqs_queue.jobs_dead-letters"] as const;

const step = steps();
let sandbox: Sandbox;
/** A queue that is called flows, and the same project with another word for it. */
let before: WorkingTree;
let renamed: WorkingTree;

beforeAll(async () => {
  sandbox = await Sandbox.start("check-plan");
  before = await sandbox.checkout("dev", { PREFIX: "rn", SYSTEM: "renamed" });
  renamed = before.with({ QUEUE: "jobs" });
  await before.synth(APP);
  await makeStateBucket(sandbox, before.stack(STACK));
  await before.terraform(STACK, "init", "-input=false", "-no-color");
});

afterAll(() => sandbox?.end());

step("a first deploy is shown by construct and may be applied, once", async () => {
  await plan(before);
  expect(await checked(before)).toMatchObject({
    exitCode: 0,
    output: expect.stringMatching(
      /^rn-dev: renamed, .*\nrn-dev \(dev-stack\): 4 to create\.\n[^]*flows\/dead-letters +create +aws_sqs_queue\n/,
    ),
  });
  await before.apply(STACK);
  expect(await checked(before)).toMatchObject({
    exitCode: 1,
    output: expect.stringMatching(/cannot be applied any more: the state has changed since \(serial 0 then, \d+ now\)/),
  });
});

step("a construct that gets another id is refused, and told apart from what is meant by address", async () => {
  await plan(renamed);
  const { exitCode, output } = await checked(renamed);
  expect(exitCode).toBe(1);
  expect(output).toMatch(/flows\/dead-letters +delete +aws_sqs_queue +REFUSED no longer in the stack\n/);
  expect(output).toContain("aws_sqs_queue.flows would be deleted");
  expect(output).toContain("If flows was only renamed to jobs, say so in stacks/moves.ts");
  expect(output).toContain(`Next: terraform -chdir=cdktf.out/stacks/${STACK} show`);

  const allowed = ["aws_sqs_queue.flows", "aws_sqs_queue.flows_dead-letters"].map((address) => `--allow=${address}`);
  expect(await checked(renamed, STACK, ...allowed)).toMatchObject({ exitCode: 0 });
});

step("a plan is refused when the stack was synthesized otherwise since", async () => {
  await before.synth(APP);
  expect((await checked(before)).output).toMatch(
    /was made from another synth of dev-stack .* is not in the (stack|plan)/,
  );
});

step("a move that takes new names would still replace what AWS cannot rename, and machines read why", async () => {
  const tree = renamed.with({ NAMES: "new" });
  await plan(tree);
  const { exitCode, output } = await checked(tree, STACK, "--json", `--allow=${QUEUES[0]}`);
  expect(exitCode).toBe(1);
  const { changes, refusals } = JSON.parse(output.slice(output.indexOf("{"))) as {
    changes: Change[];
    refusals: Refusal[];
  };
  expect(refusals.map(({ address }) => address)).toEqual([QUEUES[1]]);
  for (const address of QUEUES) {
    expect(changes).toContainEqual(expect.objectContaining({ address, action: "replace", forcedBy: ["name"] }));
  }
});

step("a move that keeps the names adds and destroys nothing, and the second plan is empty", async () => {
  const tree = renamed.with({ NAMES: "kept" });
  await plan(tree);
  expect(await checked(tree)).toMatchObject({
    exitCode: 0,
    output: expect.stringMatching(/^rn-dev: renamed, .*\nrn-dev \(dev-stack\): 3 to move\.\n/),
  });
  await tree.apply(STACK);

  await plan(tree);
  expect(await checked(tree)).toMatchObject({
    exitCode: 0,
    output: expect.stringMatching(/^rn-dev: renamed, .*\nrn-dev \(dev-stack\): no changes\.$/),
  });
  expect(await tree.addresses(STACK)).toEqual(
    expect.arrayContaining([...QUEUES, "aws_cloudwatch_log_group.jobs_logs"]),
  );
  const { QueueUrls } = (await sandbox.cli("sqs", "list-queues")) as { QueueUrls: string[] };
  expect(QueueUrls.map((url) => url.replace(/.*\//, "")).sort()).toEqual(["rn-dev-flows", "rn-dev-flows-dead-letters"]);
});

step("a plan of another Terraform, and half of one, are told as such, wherever they lie", async () => {
  const bytes = readFileSync(join(before.stack(STACK).folder, "plan"));
  const other = join(before.folder, "other-plan");
  const files = unzipSync(bytes);
  const text = Buffer.from(files["tfplan"] ?? []).toString("latin1");
  const [version = ""] = /\b1\.\d+\.\d+/.exec(text) ?? [];
  const altered = Buffer.from(text.replaceAll(version, version.replace(/^1/, "0")), "latin1");
  writeFileSync(other, zipSync({ ...files, tfplan: altered }));
  expect((await checked(renamed, other)).output).toMatch(/was made by version 0\.\S+, and this is Terraform 1\.\S+:/);

  writeFileSync(other, bytes.subarray(0, 2000));
  expect((await checked(renamed, other)).output).toMatch(/is not a plan: .* got a zip of something else, or cut off\./);
});

/** As `cdktf plan dev-stack` does. */
async function plan(tree: WorkingTree): Promise<void> {
  await tree.synth(APP);
  await tree.terraform(STACK, "plan", "-input=false", "-no-color", "-out=plan");
}

/** `npm run check-plan -- dev-stack`: what it said, and its exit code. */
async function checked(tree: WorkingTree, ...args: string[]): Promise<{ exitCode: number; output: string }> {
  const { exitCode, lines } = await tree.tryTool("check-plan", ...args);
  return { exitCode, output: lines.join("\n") };
}
