import { once } from "node:events";
import { appendFileSync, existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type AttributeValue, DynamoDBClient, PutItemCommand } from "@aws-sdk/client-dynamodb";
import { RunTaskCommand, ECSClient, ListTasksCommand } from "@aws-sdk/client-ecs";
import { SQSClient, SendMessageCommand } from "@aws-sdk/client-sqs";
import { checkRuns, startTool } from "../support/kill";
import { checkQuotas } from "../../../tools/support/quotas";
import { type StackFolder } from "../../../tools/support/stack-folder";
import { leftovers } from "../../../tools/support/leftovers";
import { Sandbox } from "../support/sandbox";
import { makeStateBucket, recordedAddresses } from "../support/state";
import { steps, until } from "../support/steps";
import { type WorkingTree } from "../support/working-tree";

const STACK = "dev-stack";
const LONG_AGO = "2026-01-01T00:00:00.000Z";
const FIXTURE = "__tests__/fixtures/guests-system";

const step = steps();
let sandbox: Sandbox;
/** The shared gu-dev, on the branch main: nothing that is done to the others may touch it. */
let shared: WorkingTree;
let first: WorkingTree;
let second: WorkingTree;
let vault: WorkingTree;

beforeAll(async () => {
  sandbox = await Sandbox.start("destroy");
  [shared, first, second, vault] = await Promise.all([
    withGuests({ SYSTEM: "guests" }),
    withGuests({ SYSTEM: "guests", PREFIX: "gu-1" }),
    withGuests({ SYSTEM: "guests", PREFIX: "gu-2" }),
    withGuests({ SYSTEM: "vault" }),
  ]);
});

afterAll(() => sandbox?.end());

step(
  "a shared deployment, two previews and a protected one are deployed",
  async () => {
    for (const tree of [shared, first, second, vault]) await tree.synth("main.ts");
    await makeStateBucket(sandbox, shared.stack(STACK));
    await Promise.all([shared, first, second, vault].map(deploy));
    expect([shared, first, second, vault].map((tree) => tree.stack(STACK).deployment)).toEqual([
      ...["gu-dev", "gu-1-dev", "gu-2-dev", "va-dev"],
    ]);
  },
  4,
);

step("for one more the account has no room, which is told before anything is made", async () => {
  const more = { ...shared.stack(STACK), deployment: "gu-3-dev" };
  await expect(checkQuotas(more, sandbox.clients())).rejects.toThrow(
    /no room for gu-3-dev[^]*VPCs: it needs 1, and 5 of 5 are used: gu-1-dev, gu-2-dev, gu-dev, va-dev, 1 without a deployment's tag\./,
  );
  // What is there lacks no VPC; only what a rollout of its worker needs is told.
  expect(await checkQuotas(shared.stack(STACK), sandbox.clients())).toBe(
    "0.5 of 4000 vCPUs of Fargate Spot at a rollout",
  );
});

step("they are listed, with the previews whose branch is neither here nor at a remote", async () => {
  const remote = `${shared.folder}-remote.git`;
  await shared.git("init", "--quiet", "--bare", remote);
  await shared.git("remote", "add", "origin", remote);
  // Only at the remote, as a colleague's; the other's was merged and deleted.
  await shared.git("push", "--quiet", "origin", "main:feature/gu-1-add-retries");

  const list = await shared.tool("deployments");
  expect(list).toMatch(/^gu-1-dev +guests +\d+ +\d+ .* ago +none +feature\/gu-1-add-retries$/m);
  expect(list).toMatch(/^gu-2-dev +guests .* GONE$/m);
  expect(list).toMatch(/^va-dev +vault .* protected$/m);
  expect(list).toMatch(/^gu-dev +guests +\d+ +\d+ .* ago +none$/m);
  expect(list).toContain("Branches: this checkout and origin asked.");
  expect(list).toContain("1 of a branch that is gone.");

  const json = await shared.tool("deployments", "list", "--json");
  const { deployments } = JSON.parse(json.slice(json.indexOf("{"))) as {
    deployments: { deployment: string; gone: boolean; branches: string[] }[];
  };
  expect(deployments.filter(({ gone }) => gone).map(({ deployment }) => deployment)).toEqual(["gu-2-dev"]);
});

step("reap does nothing unasked, nor while a remote does not answer", async () => {
  const unasked = await shared.tryTool("deployments", "reap");
  expect(unasked.exitCode).toBe(1);
  expect(unasked.lines.join("\n")).toMatch(/gu-2-dev \(guests\), \d+ resources/);
  expect(unasked.lines.join("\n")).toContain("There is no terminal to ask at");

  await shared.git("remote", "add", "away", "/nowhere.git");
  const silent = await shared.tryTool("deployments", "reap", "--yes");
  expect(silent.lines.join("\n")).toContain("away did not answer");
  await shared.git("remote", "remove", "away");

  expect(await shared.tool("deployments", "reap", "--yes", "--older-than", "1d")).toMatch(
    /gu-2-dev: it was changed \d+ \w+ ago[^]*There is no preview to remove/,
  );
  expect((await recordedAddresses(sandbox.clients(), second.stack(STACK))).length).toBeGreaterThan(20);
});

step(
  "reap removes exactly the preview whose branch is gone",
  async () => {
    await killedRelease(second.stack(STACK));
    const output = await shared.tool("deployments", "reap", "--yes");
    expect(output).toContain("1 of 1 previews are removed.");
    expect(await leftovers("gu-2-dev", sandbox.clients())).toEqual([]);
    expect(await shared.tool("deployments")).not.toContain("gu-2-dev");
    await Promise.all([unchanged(shared), unchanged(first), unchanged(vault)]);
  },
  2,
);

step("a destroy shows what would be lost, and asks", async () => {
  const { jobs_url } = await first.outputs(STACK);
  const sqs = new SQSClient(sandbox.clients());
  for (const MessageBody of ["one", "two"]) await sqs.send(new SendMessageCommand({ QueueUrl: jobs_url, MessageBody }));
  await startedByHand();

  const { exitCode, lines } = await first.tryTool("destroy", "dev");
  const output = lines.join("\n");
  expect(exitCode).toBe(1);
  for (const told of [
    "gu-1-dev: guests, dev, account 111111111111",
    "This destroys the preview gu-1-dev",
    "queue gu-1-dev-jobs: 2 messages",
    "1 secret",
    "There is no terminal to ask at: --yes destroys it without asking. Nothing was changed.",
  ]) {
    expect(output).toContain(told);
  }
  await unchanged(first);
});

step(
  "one that is broken off says how things stand, and the next ends it: nothing of it is left",
  async () => {
    const stack = first.stack(STACK);
    const before = (await recordedAddresses(sandbox.clients(), stack)).length;
    const destroy = startTool(first, "destroy", "dev", "--yes");
    // Not the state: Terraform writes it every 20 seconds, and by then may be done.
    await until("Terraform has destroyed something", 600, () => {
      checkRuns(destroy, first);
      return Promise.resolve(begun(first) || undefined);
    });
    destroy.kill("SIGINT"); // As ctrl-C at a terminal: Terraform is in a process group of its own.
    expect(await once(destroy, "exit")).toEqual([130, null]);
    const left = (await recordedAddresses(sandbox.clients(), stack)).length;
    expect(left).toBeGreaterThan(0);
    expect(left).toBeLessThan(before);
    expect(readFileSync(first.log, "utf8")).toMatch(
      /The state of gu-1-dev has \d+ resources, and is not locked\.[^]*Next: SYSTEM=guests PREFIX=gu-1 npm run destroy -- dev/,
    );

    const output = await first.tool("destroy", "dev", "--yes");
    expect(output).toMatch(/Nothing of gu-1-dev is left/);
    expect(await leftovers("gu-1-dev", sandbox.clients())).toEqual([]);
    expect(await recordedAddresses(sandbox.clients(), stack)).toEqual([]);
    expect(await first.tool("destroy", "dev", "--yes")).toContain("There is nothing of gu-1-dev");
    await unchanged(shared);
  },
  2,
);

step("what is protected is refused, with the two steps that lift it", async () => {
  const { exitCode, lines } = await vault.tryTool("destroy", "dev", "--confirm", "va-dev");
  expect(exitCode).toBe(1);
  const output = lines.join("\n");
  expect(output).toContain("va-dev is protected. Nothing was changed.");
  expect(output).toContain("- aws_ecr_repository.images: it must be empty");
  expect(output).toContain("- aws_secretsmanager_secret.key: it can be recovered for 30 days");
  expect(output).toContain("npm run destroy -- dev --confirm va-dev");
});

step(
  "after the first step, deployed as it says, only the deployment's name destroys it",
  async () => {
    const file = join(vault.folder, `${FIXTURE}.ts`);
    writeFileSync(file, readFileSync(file, "utf8").replace("protect: true", "protect: false"));
    const early = await vault.tryTool("destroy", "dev", "--confirm", "va-dev");
    expect(early.lines.join("\n")).toContain("says protect: false already, but that is not deployed yet");

    await vault.synth("main.ts");
    await vault.plan(STACK);
    const allowed = ["aws_ecr_repository.images", "aws_secretsmanager_secret.key"].map((it) => `--allow=${it}`);
    await vault.tool("check-plan", STACK, ...allowed);
    await vault.apply(STACK);

    const yes = await vault.tryTool("destroy", "dev", "--yes");
    expect(yes.lines.join("\n")).toContain("--yes is not enough for dev: --confirm va-dev destroys it without asking.");
    expect(await vault.tool("destroy", "dev", "--confirm", "va-dev")).toContain("Nothing of va-dev is left");
    expect(await leftovers("va-dev", sandbox.clients())).toEqual([]);
    await unchanged(shared);
  },
  2,
);

/** A working tree whose app and commands know the systems of the fixture. */
async function withGuests(variables: Readonly<Record<string, string>>): Promise<WorkingTree> {
  const tree = await sandbox.checkout("dev", variables);
  appendFileSync(join(tree.folder, "stacks", "index.ts"), `\nrequire("../${FIXTURE}");\n`);
  return tree;
}

/** What `cdktf deploy` runs, whose picture of it costs as much as all the rest. */
async function deploy(tree: WorkingTree): Promise<void> {
  await tree.terraform(STACK, "init", "-input=false", "-no-color");
  await tree.terraform(STACK, "apply", "-input=false", "-no-color", "-auto-approve");
}

/** Whether a destroy of the tree's deployment has the first resource behind it. */
function begun(tree: WorkingTree): boolean {
  const log = join(tree.folder, ".local/logs", `destroy-${tree.stack(STACK).deployment}.log`);
  return existsSync(log) && /^aws_\S+: Destruction complete after /m.test(readFileSync(log, "utf8"));
}

/** What a release leaves that was killed with its machine, weeks ago. */
async function killedRelease({ bucket, key, lockTable }: StackFolder): Promise<void> {
  const texts = { What: "release", Who: "ci@runner", Id: "gone", Machine: "runner", Since: LONG_AGO, Beat: LONG_AGO };
  const item = { LockID: `${bucket}/${key}.release`, ...texts };
  const Item = Object.fromEntries(Object.entries(item).map(([name, S]): [string, AttributeValue] => [name, { S }]));
  const request = new PutItemCommand({ TableName: lockTable, Item: { ...Item, Pid: { N: "1" } } });
  await new DynamoDBClient(sandbox.clients()).send(request);
}

async function unchanged(tree: WorkingTree): Promise<void> {
  await tree.plan(STACK);
  await tree.expectNoChanges(STACK);
}

/** A task that no service owns, and Terraform knows nothing of. */
async function startedByHand(): Promise<void> {
  const client = new ECSClient(sandbox.clients());
  const { task } = (await first.outputs(STACK)) as unknown as {
    task: { cluster: string; family: string; subnets: string[]; security_groups: string[] };
  };
  const { cluster, family, subnets, security_groups: securityGroups } = task;
  await client.send(
    new RunTaskCommand({
      ...{ cluster, taskDefinition: family },
      networkConfiguration: { awsvpcConfiguration: { subnets, securityGroups } },
    }),
  );
  expect((await client.send(new ListTasksCommand({ cluster }))).taskArns).toHaveLength(1);
}
