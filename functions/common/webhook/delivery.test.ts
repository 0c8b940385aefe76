import { createHmac } from "node:crypto";
import tls from "node:tls";
import { type SQSBatchResponse, type SQSEvent, type SQSRecord } from "aws-lambda";
import { install } from "../../../local-aws/hosts";
import { AwsError } from "../../../__tests__/support/aws-api";
import { CONTEXT, FunctionEnvironment } from "../../../__tests__/support/function-environment";
import { ADDRESS, HOST, WebhookReceiver } from "../../../__tests__/support/webhook-receiver";
import { migrations as events } from "../../event-scheduling/migrations";

const environment = new FunctionEnvironment(events, { RETRY_SECONDS: "10" });
let receiver: WebhookReceiver;
let invoke: (event: SQSEvent) => Promise<SQSBatchResponse>;
let uninstall: () => void;

beforeAll(async () => {
  receiver = await WebhookReceiver.start(environment.postgres.authority);
  uninstall = install(new Map([[HOST, ADDRESS]]));
  const { handler } = jest.requireActual<{ handler: (event: SQSEvent, context: unknown) => Promise<SQSBatchResponse> }>(
    "../../event-scheduling/delivery/handler",
  );
  invoke = (event) => handler(event, CONTEXT);
});
afterAll(async () => {
  uninstall();
  await receiver.stop();
});
beforeEach(async () => {
  // This process has read NODE_EXTRA_CA_CERTS when it started: the receiver's authority was not there yet.
  const { createSecureContext } = tls;
  const ca = receiver.authority.cert;
  jest.spyOn(tls, "createSecureContext").mockImplementation((options) => createSecureContext({ ca, ...options }));
  receiver.received.length = 0;
  receiver.answer = () => 204;
  await environment.rows("truncate events");
});

interface Row {
  readonly status: string;
  readonly attempts: number;
  readonly reason: string | null;
  readonly dead: boolean;
  readonly leased: boolean;
}

async function add(status = "queued", more = ""): Promise<string> {
  const [row] = await environment.rows<{ id: string }>(
    `insert into events (url, payload, status, due_at) values ($1, '{"n":  12345678901234567890}', $2, now() - interval '5 s')
     returning id`,
    receiver.url(),
    status,
  );
  if (more) await environment.rows(`update events set ${more}`);
  return row?.id ?? "";
}

const row = async (id: string) =>
  (
    await environment.rows<Row>(
      `select status, attempts, reason, dead_lettered as dead, leased_until is not null as leased from events where id = $1`,
      id,
    )
  )[0];

interface Receipt {
  readonly receives?: number;
  readonly reason?: string;
}

const message = (eventId: string, { receives = 1, reason }: Receipt = {}, messageId = eventId): SQSRecord =>
  ({
    messageId,
    receiptHandle: `handle-${messageId}`,
    body: JSON.stringify({ eventId }),
    attributes: { ApproximateReceiveCount: String(receives) },
    messageAttributes: reason === undefined ? {} : { Reason: { dataType: "String", stringValue: reason } },
  }) as unknown as SQSRecord;

/** The ids of the messages that come back. */
async function deliver(...records: SQSRecord[]): Promise<string[]> {
  const { batchItemFailures } = await invoke({ Records: records });
  return batchItemFailures.map(({ itemIdentifier }) => itemIdentifier);
}

const dead = () =>
  environment.sent.map(({ QueueUrl, MessageBody, reason }) => [QueueUrl.split("/").at(-1), MessageBody, reason]);
const keys = () => receiver.received.map(({ headers }) => headers["idempotency-key"]);
const metric = (name: string) =>
  jest
    .mocked(console.log)
    .mock.calls.map(([line]) => String(line))
    .filter((line) => line.includes("_aws"))
    .flatMap((line) => (JSON.parse(line) as Record<string, number | number[]>)[name] ?? 0)
    .reduce((sum, value) => sum + value, 0);

test("a queued event is posted with its key, its payload as it was sent, and a signature, and is delivered", async () => {
  const id = await add();
  expect(await deliver(message(id))).toEqual([]);
  const [{ headers, body }] = receiver.received as [(typeof receiver.received)[number]];
  expect(body).toContain("12345678901234567890");
  expect(JSON.parse(body)).toMatchObject({
    eventId: id,
    dueAt: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/) as string,
  });
  const signed = `${id}.${String(headers["webhook-timestamp"])}.${body}`;
  expect(headers["webhook-signature"]).toBe(
    `v1,${createHmac("sha256", "of the tests").update(signed).digest("base64")}`,
  );
  expect(await row(id)).toEqual({ status: "delivered", attempts: 1, reason: null, dead: false, leased: false });
  expect([
    metric("WebhookAttempts"),
    metric("WebhookSuccess"),
    metric("EventsProcessed"),
    metric("EventsFailed"),
  ]).toEqual([1, 1, 1, 0]);
  expect(metric("DeliveryDelay")).toBeGreaterThan(5_000);
});

test("of a batch only what failed comes back, later and later; all attempts carry one key", async () => {
  const [good, bad] = [await add(), await add()];
  receiver.answer = ({ headers }) => (headers["idempotency-key"] === bad ? 503 : 204);
  expect(await deliver(message(good), message(bad))).toEqual([bad]);
  expect(await row(bad)).toEqual({
    status: "queued",
    attempts: 1,
    reason: "the receiver answered 503",
    dead: false,
    leased: false,
  });
  const pause = () => environment.pauses.get(`handle-${bad}`) ?? NaN;
  expect(pause()).toBeGreaterThanOrEqual(8);
  expect(pause()).toBeLessThanOrEqual(12);
  expect(await deliver(message(bad, { receives: 3 }))).toEqual([bad]);
  expect(pause()).toBeGreaterThanOrEqual(32);
  receiver.answer = () => 204;
  expect(await deliver(message(bad, { receives: 4 }))).toEqual([]);
  expect(await row(bad)).toMatchObject({ status: "delivered", attempts: 3, reason: null });
  expect(keys().filter((key) => key === bad)).toHaveLength(3);
  expect(metric("WebhookAttempts")).toBe(4);
});

test("a batch in which everything failed comes back, and the function itself did not fail", async () => {
  const ids = [await add(), await add()];
  receiver.answer = () => 500;
  expect((await deliver(...ids.map((id) => message(id)))).sort()).toEqual(ids.sort());
});

test("a receiver that asks for more time gets it, up to 15 minutes", async () => {
  const id = await add();
  receiver.answer = (_, response) => void response.writeHead(429, { "retry-after": "300" }).end();
  await deliver(message(id));
  expect(environment.pauses.get(`handle-${id}`)).toBe(300);
  receiver.answer = (_, response) => void response.writeHead(429, { "retry-after": "86400" }).end();
  await deliver(message(id, { receives: 2 }));
  expect(environment.pauses.get(`handle-${id}`)).toBe(900);
});

test("the last attempt that fails takes the message to the dead-letter queue with its reason", async () => {
  const id = await add("queued", "attempts = 4");
  receiver.answer = () => 500;
  expect(await deliver(message(id, { receives: 5 }))).toEqual([]);
  const reason = "the receiver answered 500 (attempt 5, the last)";
  expect(dead()).toEqual([["dead-letters", JSON.stringify({ eventId: id }), reason]]);
  expect(await row(id)).toEqual({ status: "failed", attempts: 5, reason, dead: true, leased: false });
  expect([metric("EventsFailed"), metric("EventsProcessed")]).toEqual([1, 1]);
});

test("what no attempt will ever mend goes there at once", async () => {
  const id = await add();
  receiver.answer = () => 410;
  expect(await deliver(message(id))).toEqual([]);
  expect(dead()).toEqual([["dead-letters", JSON.stringify({ eventId: id }), "the receiver answered 410"]]);
});

test("an event that was attempted 25 times is given up, however seldom its message was received", async () => {
  const id = await add("queued", "attempts = 24");
  receiver.answer = () => 500;
  expect(await deliver(message(id))).toEqual([]);
  expect(await row(id)).toMatchObject({ status: "failed", attempts: 25, dead: true });
});

test.each(["delivered", "cancelled"])("a message for what is %s is dropped", async (status) => {
  const id = await add(status);
  expect(await deliver(message(id))).toEqual([]);
  expect([keys(), dead(), metric("EventsProcessed")]).toEqual([[], [], 0]);
});

test("two messages for one event at once make one attempt; the other comes back, and is dropped then", async () => {
  const id = await add();
  receiver.answer = (_, response) => void setTimeout(() => response.writeHead(204).end(), 2_000);
  const [comesBack = ""] = await deliver(message(id, {}, "a"), message(id, {}, "b"));
  expect(["a", "b"]).toContain(comesBack);
  expect(await deliver(message(id, { receives: 2 }, comesBack))).toEqual([]);
  expect(keys()).toEqual([id]);
});

test("an event whose attempt broke off is attempted again when its lease is over, not before", async () => {
  const id = await add("queued", "attempts = 1, leased_until = now() + interval '1 minute'");
  expect(await deliver(message(id))).toEqual([id]);
  expect(keys()).toEqual([]);
  await environment.rows("update events set leased_until = now() - interval '1 s'");
  expect(await deliver(message(id, { receives: 2 }))).toEqual([]);
  expect(keys()).toEqual([id]);
});

test("a message that overtakes its scheduler's commit waits for it", async () => {
  const id = await add("pending");
  await environment.rows("begin");
  await environment.rows("update events set status = 'queued', touched_at = now() where id = $1", id);
  const delivered = deliver(message(id));
  await new Promise((resolve) => setTimeout(resolve, 200));
  expect(keys()).toEqual([]);
  await environment.rows("commit");
  expect(await delivered).toEqual([]);
  expect(await row(id)).toMatchObject({ status: "delivered" });
});

test("a failed event that did not reach the dead-letter queue gets there by the next receive, and is not posted again", async () => {
  const id = await add();
  receiver.answer = () => 410;
  environment.refuse = () => {
    throw new AwsError(400, "QueueDoesNotExist", "gone");
  };
  expect(await deliver(message(id))).toEqual([id]);
  expect(await row(id)).toMatchObject({ status: "failed", dead: false });
  environment.refuse = () => undefined;
  expect(await deliver(message(id, { receives: 2 }))).toEqual([]);
  expect([await row(id), keys(), dead().length]).toMatchObject([{ status: "failed", dead: true }, [id], 1]);
});

test("a dead letter that somebody sent back is delivered, with all its attempts, under the same key", async () => {
  const id = await add("failed", "attempts = 5, dead_lettered = true, reason = 'the receiver answered 500'");
  expect(await deliver(message(id))).toEqual([]);
  expect(keys()).toEqual([]);
  receiver.answer = () => 500;
  expect(await deliver(message(id, { reason: "the receiver answered 500" }))).toEqual([id]);
  expect(await row(id)).toMatchObject({ status: "queued", attempts: 1 });
  receiver.answer = () => 204;
  expect(await deliver(message(id, { receives: 2, reason: "the receiver answered 500" }))).toEqual([]);
  expect([await row(id), keys()]).toMatchObject([{ status: "delivered", attempts: 2, reason: null }, [id, id]]);
});

test.each(["", "{}", "null", "not json", '{"eventId":"1"}', '{"eventId":1}'])(
  "the message %j, which names no event, goes to the dead-letter queue with that reason",
  async (body) => {
    const record = { ...message("x"), body };
    expect(await deliver(record)).toEqual([]);
    expect(dead()).toEqual([["dead-letters", body, expect.stringContaining("the message names no event") as string]]);
  },
);

test("a message of an event that is not there goes to the dead-letter queue with that reason", async () => {
  const id = "00000000-0000-4000-8000-000000000000";
  expect(await deliver(message(id))).toEqual([]);
  expect(dead()).toEqual([["dead-letters", JSON.stringify({ eventId: id }), `${id} is not in the database`]]);
});

test("while the database cannot be written nothing is posted, and everything comes back", async () => {
  const id = await add();
  await environment.rows("revoke update on events from app");
  expect(await deliver(message(id))).toEqual([id]);
  await environment.rows("grant update on events to app");
  expect(keys()).toEqual([]);
  expect(await deliver(message(id, { receives: 2 }))).toEqual([]);
});
