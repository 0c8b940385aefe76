import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { ReceiveMessageCommand, SQSClient } from "@aws-sdk/client-sqs";
import { leftovers } from "../../tools/support/leftovers";
import { deleteTaskDefinitions } from "../../tools/support/task-definitions";
import { type Database, SCHEDULE_ID, startDatabase, withDueFlow } from "./support/database";
import { Sandbox } from "./support/sandbox";
import { filesBelow, placesWith, secretValues } from "./support/secrets";
import { stateVersions } from "./support/state";
import { steps, until } from "./support/steps";
import { type WorkingTree } from "./support/working-tree";

const STACK = "dev-stack";

const step = steps();
let sandbox: Sandbox;
let project: WorkingTree;
let outputs: Readonly<Record<string, string>>;
let database: Database | undefined;

beforeAll(async () => {
  sandbox = await Sandbox.start("dev");
  project = await sandbox.checkout();
});

afterAll(async () => {
  await database?.stop();
  await sandbox?.end();
});

step(
  "bootstrap makes the state bucket and the lock table, after which dev-state-stack is an ordinary stack",
  async () => {
    await project.bootstrap("dev");
    expect(await project.bootstrap("dev")).toContain("already there");
    const output = await project.cdktf("deploy", "dev-state-stack", "--auto-approve");
    expect(output).toContain("No changes. Your infrastructure matches the configuration.");
  },
);

step("dev-stack deploys, and the second plan of cdktf and of Terraform is empty", async () => {
  await project.cdktf("deploy", STACK, "--auto-approve");
  outputs = await project.outputs(STACK);
  // Now, so that the minutes until the schedule's next run pass while other steps work.
  database = await startDatabase(sandbox, String(outputs["database_url_secret"]));
  await withDueFlow(database);
  await project.cdktf("plan", STACK);
  await project.expectNoChanges(STACK);
  await project.plan(STACK);
  await project.expectNoChanges(STACK);
});

step("operators read addresses without hashes, and outputs with descriptions", async () => {
  const addresses = await project.addresses(STACK);
  expect(addresses.length).toBeGreaterThan(100);
  expect(addresses.filter((address) => /_[0-9A-F]{8}$/.test(address))).toEqual([]);

  const synthesized = JSON.parse(readFileSync(join(project.stack(STACK).folder, "cdk.tf.json"), "utf8")) as {
    output: Record<string, { description?: string }>;
  };
  expect(Object.keys(outputs).sort()).toEqual(Object.keys(synthesized.output).sort());
  expect(Object.keys(outputs)).toContain("api_url");
  for (const { description } of Object.values(synthesized.output)) expect(description).toMatch(/\w{3}/);
});

step("while no image is released, no task is asked for", async () => {
  expect(await pointers()).toEqual(["none", "none"]);
  expect(await tasksAskedFor()).toEqual({
    desired: [0, 0],
    bounds: [
      [0, 0],
      [0, 0],
    ],
  });
});

step("drift made with the AWS CLI, and image pointers written from outside, are what the next plan shows", async () => {
  await drift();
  const [api, worker] = [`${String(outputs["api_repository"])}:v1`, `${String(outputs["worker_repository"])}:v1`];
  await sandbox.cli("ssm", "put-parameter", "--overwrite", "--name", String(outputs["api_image"]), "--value", api);
  await sandbox.cli(
    "ssm",
    "put-parameter",
    "--overwrite",
    "--name",
    String(outputs["worker_image"]),
    "--value",
    worker,
  );

  const { changes } = await project.plan(STACK);
  expect(changes).toEqual(
    expect.arrayContaining([
      { address: "aws_sqs_queue.flows", action: "update" },
      { address: "aws_ecr_repository.api-images", action: "update" },
      { address: "aws_vpc_security_group_ingress_rule.database_access_from-api", action: "create" },
      { address: "aws_ecs_service.api", action: "update" },
      { address: "aws_ecs_service.worker", action: "update" },
    ]),
  );
});

step("no secret's value is in the plan, in cdktf.out, in any output, or in any version of the state", async () => {
  const values = await secretValues(sandbox.clients());
  expect(values.length).toBeGreaterThanOrEqual(2);

  const states = await stateVersions(sandbox.clients(), project.stack(STACK));
  expect(states.length).toBeGreaterThan(0);
  const { json } = await project.planned(STACK);
  const elsewhere = [...states, { where: "terraform show -json", bytes: Buffer.from(json) }];
  const places = [...filesBelow(project.folder), ...elsewhere];
  expect(places.map(({ where }) => where)).toEqual(
    expect.arrayContaining([
      project.log,
      join(project.stack(STACK).folder, "cdk.tf.json"),
      expect.stringMatching(/dev-stack\/plan: tfplan$/),
      expect.stringMatching(/dev-stack\/plan: tfstate$/),
    ]),
  );
  expect(placesWith(values, places)).toEqual([]);

  const canary = join(project.folder, "cdktf.out", "canary");
  for (const value of values) {
    for (const planted of [`"${value}"`, Buffer.from(`{"a":"${value}"}`).toString("base64")]) {
      writeFileSync(canary, planted);
      expect(placesWith(values, filesBelow(project.folder))).toEqual([canary]);
    }
  }
  rmSync(canary);
});

step(
  "an apply repairs the drift and asks for the released tasks, and the plan after it is empty (simulated: no task runs)",
  async () => {
    await project.apply(STACK);
    await project.plan(STACK);
    await project.expectNoChanges(STACK);
    expect(await pointers()).toEqual([
      `${String(outputs["api_repository"])}:v1`,
      `${String(outputs["worker_repository"])}:v1`,
    ]);
    expect((await tasksAskedFor()).bounds).toEqual([
      [0, 2],
      [0, 2],
    ]);
  },
);

step(
  "the scheduler, started by its schedule, sends what is due in a real PostgreSQL to the queue, over verified TLS",
  async () => {
    const client = new SQSClient(sandbox.clients());
    const messages = await until("the due flow is in the queue", 600, async () => {
      const { Messages = [] } = await client.send(
        new ReceiveMessageCommand({
          QueueUrl: outputs["flows_queue_url"],
          MessageAttributeNames: ["All"],
          WaitTimeSeconds: 1,
        }),
      );
      return Messages.length > 0 ? Messages : undefined;
    });
    const [message, ...more] = messages;
    const key = `${SCHEDULE_ID}:2026-01-01T00:00:00.000000Z`;
    expect(more).toEqual([]);
    expect(message?.MessageAttributes?.["DeduplicationKey"]?.StringValue).toBe(key);
    expect(JSON.parse(message?.Body ?? "")).toMatchObject({
      deduplicationKey: key,
      flowId: "welcome",
      payload: { n: 1 },
    });
  },
);

step("destroy leaves nothing with the deployment's tag, and no log group, network interface or snapshot", async () => {
  expect((await leftovers("fb-dev", sandbox.clients())).length).toBeGreaterThan(50);
  await project.cdktf("destroy", STACK, "--auto-approve");
  expect(await project.addresses(STACK)).toEqual([]);
  // Terraform keeps every revision of the two services; what `npm run local -- destroy` does then is done here too.
  expect(await deleteTaskDefinitions("fb-dev", sandbox.clients())).toBe(4);
  expect(await leftovers("fb-dev", sandbox.clients())).toEqual([]);
});

async function pointers(): Promise<string[]> {
  const names = [outputs["api_image"], outputs["worker_image"]].map(String);
  const { Parameters } = (await sandbox.cli("ssm", "get-parameters", "--names", ...names)) as {
    Parameters: { Name: string; Value: string }[];
  };
  return names.map((name) => String(Parameters.find(({ Name }) => Name === name)?.Value));
}

/** As ECS and Application Auto Scaling say: each service's desired count, and the bounds of its scaling. */
async function tasksAskedFor(): Promise<{ desired: number[]; bounds: number[][] }> {
  const [{ services }, { ScalableTargets }] = (await Promise.all([
    sandbox.cli("ecs", "describe-services", "--cluster", "fb-dev-cluster", "--services", "fb-dev-api", "fb-dev-worker"),
    sandbox.cli("application-autoscaling", "describe-scalable-targets", "--service-namespace", "ecs"),
  ])) as [
    { services: { desiredCount: number }[] },
    { ScalableTargets: { MinCapacity: number; MaxCapacity: number }[] },
  ];
  return {
    desired: services.map(({ desiredCount }) => desiredCount),
    bounds: ScalableTargets.map(({ MinCapacity, MaxCapacity }) => [MinCapacity, MaxCapacity]),
  };
}

/** What somebody in a hurry does by hand: a setting of the queue, one of a repository, a rule of a security group. */
async function drift(): Promise<void> {
  await sandbox.cli(
    "sqs",
    "set-queue-attributes",
    "--queue-url",
    String(outputs["flows_queue_url"]),
    "--attributes",
    "VisibilityTimeout=31",
  );
  await sandbox.cli(
    ...["ecr", "put-image-scanning-configuration", "--repository-name", "fb-dev-api-images"],
    ...["--image-scanning-configuration", "scanOnPush=false"],
  );
  const { SecurityGroups } = (await sandbox.cli(
    ...["ec2", "describe-security-groups", "--filters", "Name=tag:Name,Values=fb-dev-database-access"],
  )) as { SecurityGroups: { GroupId: string }[] };
  const group = String(SecurityGroups[0]?.GroupId);
  const { SecurityGroupRules } = (await sandbox.cli(
    ...["ec2", "describe-security-group-rules", "--filters", `Name=group-id,Values=${group}`],
  )) as { SecurityGroupRules: { SecurityGroupRuleId: string; Description?: string }[] };
  const rule = SecurityGroupRules.find(({ Description }) => Description === "From api")?.SecurityGroupRuleId;
  await sandbox.cli(
    "ec2",
    "revoke-security-group-ingress",
    "--group-id",
    group,
    "--security-group-rule-ids",
    String(rule),
  );
}
