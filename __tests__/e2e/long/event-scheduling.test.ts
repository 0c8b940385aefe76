import { ReceiveMessageCommand, SQSClient } from "@aws-sdk/client-sqs";
import { leftovers } from "../../../tools/support/leftovers";
import { WebhookReceiver } from "../../support/webhook-receiver";
import { type Database, startDatabase } from "../support/database";
import { placesWith, filesBelow, secretValues } from "../support/secrets";
import { Sandbox } from "../support/sandbox";
import { steps, until } from "../support/steps";
import { type WorkingTree } from "../support/working-tree";

const STACK = "dev-stack";

const step = steps();
let sandbox: Sandbox;
let project: WorkingTree;
let outputs: Readonly<Record<string, string>>;
let database: Database | undefined;
let receiver: WebhookReceiver;

beforeAll(async () => {
  sandbox = await Sandbox.start("event-scheduling");
  project = await sandbox.checkout("dev", { SYSTEM: "event-scheduling", PREFIX: "es" });
  receiver = await WebhookReceiver.start(sandbox.authority);
});

afterAll(async () => {
  await receiver?.stop();
  await database?.stop();
  await sandbox?.end();
});

step("Event Scheduling deploys, its second plan is empty, and no secret's value is in plan or state", async () => {
  await project.bootstrap("dev");
  await project.cdktf("deploy", STACK, "--auto-approve");
  outputs = await project.outputs(STACK);
  database = await startDatabase(sandbox, String(outputs["database_url_secret"]));
  await project.cdktf("plan", STACK);
  await project.expectNoChanges(STACK);
  const values = await secretValues(sandbox.clients());
  expect(values.length).toBeGreaterThanOrEqual(3);
  expect(placesWith(values, filesBelow(project.folder))).toEqual([]);
});

step("the migrations run in the function, and a second time there is nothing left to do", async () => {
  expect(await project.tool("migrate", "dev")).toMatch(/0001/);
  expect(await project.tool("migrate", "dev", "--status")).toMatch(/0001/);
});

step("an event that is posted is delivered when it is due: API Gateway, schedule, queue and functions", async () => {
  const posted = await api("POST", "/events", { url: receiver.url("/good"), dueAt: now(), payload: { n: 1 } });
  expect(posted.status).toBe(201);
  const id = String(posted.body["id"]);
  await until("the event is delivered", 600, async () =>
    (await api("GET", `/events/${id}`)).body["status"] === "delivered" ? true : undefined,
  );
  const [webhook, ...more] = receiver.received.filter(({ path }) => path === "/good");
  expect(more).toEqual([]);
  expect(webhook?.headers).toMatchObject({
    "webhook-id": id,
    "webhook-signature": expect.stringMatching(/^v1,/) as string,
  });
  expect(JSON.parse(webhook?.body ?? "")).toMatchObject({ eventId: id, payload: { n: 1 } });
});

step("of a batch only what failed comes back, and what nobody takes is a dead letter with its reason", async () => {
  let refusals = 0;
  receiver.answer = ({ path }) => (path === "/gone" ? 410 : path === "/late" && refusals++ === 0 ? 500 : 204);
  const ids = await Promise.all(
    ["/fine", "/late", "/gone"].map(async (path) => {
      const { body } = await api("POST", "/events", { url: receiver.url(path), dueAt: now(), payload: {} });
      return String(body["id"]);
    }),
  );
  const states = await until("all three are settled", 800, async () => {
    const events = await Promise.all(ids.map((id) => api("GET", `/events/${id}`)));
    const found = events.map(({ body }) => String(body["status"]));
    return found.every((status) => ["delivered", "failed"].includes(status)) ? found : undefined;
  });
  expect(states).toEqual(["delivered", "delivered", "failed"]);
  expect(receiver.received.filter(({ path }) => path === "/fine")).toHaveLength(1);
  const late = receiver.received.filter(({ path }) => path === "/late");
  expect(new Set(late.map(({ headers }) => headers["webhook-id"])).size).toBe(1);
  expect(late).toHaveLength(2);
  expect(await until("there is a dead letter", 120, deadLetter)).toMatch(/answered 410/);
});

step("nobody can make it call an address inside the network", async () => {
  const inside = await api("POST", "/events", { url: "https://169.254.169.254/latest", dueAt: now(), payload: {} });
  expect(inside.status).toBe(400);
  expect(JSON.stringify(inside.body)).toContain("public internet");
});

step("destroy leaves nothing with the deployment's tag, and no log group, network interface or snapshot", async () => {
  await project.cdktf("destroy", STACK, "--auto-approve");
  expect(await leftovers("es-dev", sandbox.clients())).toEqual([]);
});

function now(): string {
  return new Date().toISOString();
}

/** The API, where the outputs say that it answers. */
async function api(
  method: string,
  path: string,
  body?: object,
): Promise<{ status: number; body: Readonly<Record<string, unknown>> }> {
  const response = await fetch(`${String(outputs["api_url"])}${path}`, {
    method,
    ...(body && { headers: { "content-type": "application/json" }, body: JSON.stringify(body) }),
  });
  return { status: response.status, body: (await response.json()) as Record<string, unknown> };
}

async function deadLetter(): Promise<string | undefined> {
  const { Messages = [] } = await new SQSClient(sandbox.clients()).send(
    new ReceiveMessageCommand({
      QueueUrl: `${String(outputs["deliveries_queue_url"])}-dead-letters`,
      MessageAttributeNames: ["All"],
      WaitTimeSeconds: 5,
    }),
  );
  return Messages[0]?.MessageAttributes?.["Reason"]?.StringValue;
}
