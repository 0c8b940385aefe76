import { randomUUID } from "node:crypto";
import { ReceiveMessageCommand, SQSClient, SendMessageBatchCommand } from "@aws-sdk/client-sqs";
import { leftovers } from "../../../tools/support/leftovers";
import { deleteTaskDefinitions } from "../../../tools/support/task-definitions";
import { WebhookReceiver } from "../../support/webhook-receiver";
import { Sandbox } from "../support/sandbox";
import { filesBelow, placesWith, secretValues } from "../support/secrets";
import { steps, until } from "../support/steps";
import { type WorkingTree } from "../support/working-tree";

const STACK = "dev-stack";

const step = steps();
let sandbox: Sandbox;
let project: WorkingTree;
let outputs: Readonly<Record<string, string>>;
let receiver: WebhookReceiver;

beforeAll(async () => {
  sandbox = await Sandbox.start("notifications");
  project = await sandbox.checkout("dev", { SYSTEM: "notifications", PREFIX: "ns" });
  receiver = await WebhookReceiver.start(sandbox.authority);
});

afterAll(async () => {
  await receiver?.stop();
  await sandbox?.end();
});

step("Notifications deploys, with a login that its function made, and the second plan is empty", async () => {
  await project.bootstrap("dev");
  await project.cdktf("deploy", STACK, "--auto-approve");
  outputs = await project.outputs(STACK);
  await project.cdktf("plan", STACK);
  await project.expectNoChanges(STACK);
});

step("no secret's value is in the plan, in the state, or in cdktf.out", async () => {
  const values = await secretValues(sandbox.clients());
  const passwords = values.filter((value) => value.startsWith("{")).map((value) => passwordIn(value));
  expect(passwords.length).toBeGreaterThanOrEqual(1);
  expect(placesWith([...values, ...passwords], filesBelow(project.folder))).toEqual([]);
});

step("the migrations run in the function, under the login that rotates", async () => {
  expect(await project.tool("migrate", "dev")).toMatch(/0001/);
});

step("of a batch only what failed comes back, and what nobody takes is a dead letter with its reason", async () => {
  let refusals = 0;
  receiver.answer = ({ path }) => (path === "/gone" ? 410 : path === "/late" && refusals++ === 0 ? 500 : 204);
  await new SQSClient(sandbox.clients()).send(
    new SendMessageBatchCommand({
      QueueUrl: outputs["notifications_queue_url"],
      Entries: ["/fine", "/late", "/gone"].map((path, index) => ({
        Id: String(index),
        MessageBody: JSON.stringify({
          id: randomUUID(),
          channel: "webhook",
          url: receiver.url(path),
          payload: { path },
        }),
      })),
    }),
  );
  const seen = (path: string) => receiver.received.filter((one) => one.path === path);
  await until("what failed has come again", 600, () => Promise.resolve(seen("/late").length > 1 ? true : undefined));
  const reason = await until("there is a dead letter", 120, deadLetter);
  expect(seen("/fine")).toHaveLength(1);
  expect(new Set(seen("/late").map(({ headers }) => headers["webhook-id"])).size).toBe(1);
  expect(reason).toMatch(/answered 410/);
});

step("destroy leaves nothing with the deployment's tag, and no log group, network interface or snapshot", async () => {
  await project.cdktf("destroy", STACK, "--auto-approve");
  await deleteTaskDefinitions("ns-dev", sandbox.clients());
  expect(await leftovers("ns-dev", sandbox.clients())).toEqual([]);
});

function passwordIn(json: string): string {
  return (JSON.parse(json) as { password: string }).password;
}

async function deadLetter(): Promise<string | undefined> {
  const { Messages = [] } = await new SQSClient(sandbox.clients()).send(
    new ReceiveMessageCommand({
      QueueUrl: `${String(outputs["notifications_queue_url"])}-dead-letters`,
      MessageAttributeNames: ["All"],
      WaitTimeSeconds: 10,
    }),
  );
  return Messages[0]?.MessageAttributes?.["Reason"]?.StringValue;
}
