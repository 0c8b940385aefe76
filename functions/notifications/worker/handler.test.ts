import tls from "node:tls";
import { type SQSBatchResponse, type SQSEvent, type SQSRecord } from "aws-lambda";
import { install } from "../../../local-aws/hosts";
import { CONTEXT, FunctionEnvironment } from "../../../__tests__/support/function-environment";
import { ADDRESS, HOST, WebhookReceiver } from "../../../__tests__/support/webhook-receiver";
import { migrations } from "../migrations";

const ID = "00000000-0000-4000-8000-000000000001";
const environment = new FunctionEnvironment(migrations);
let receiver: WebhookReceiver;
let uninstall: () => void;

beforeAll(async () => {
  receiver = await WebhookReceiver.start(environment.postgres.authority);
  uninstall = install(new Map([[HOST, ADDRESS]]));
});
afterAll(async () => {
  uninstall();
  await receiver.stop();
});
beforeEach(async () => {
  const { createSecureContext } = tls;
  const ca = receiver.authority.cert;
  jest.spyOn(tls, "createSecureContext").mockImplementation((options) => createSecureContext({ ca, ...options }));
  receiver.received.length = 0;
  receiver.answer = () => 204;
  await environment.rows("truncate notifications");
});

const notification = (more: object = {}) => ({
  id: ID,
  channel: "webhook",
  url: receiver.url(),
  payload: { text: "hi" },
  ...more,
});

/** The ids of the messages that come back. */
async function work(...bodies: unknown[]): Promise<string[]> {
  const { handler } = jest.requireActual<{ handler: (event: SQSEvent, context: unknown) => Promise<SQSBatchResponse> }>(
    "./handler",
  );
  const Records = bodies.map(
    (body, n) =>
      ({
        messageId: String(n),
        receiptHandle: String(n),
        body: JSON.stringify(body),
        attributes: { ApproximateReceiveCount: "1" },
        messageAttributes: {},
      }) as unknown as SQSRecord,
  );
  return (await handler({ Records }, CONTEXT)).batchItemFailures.map(({ itemIdentifier }) => itemIdentifier);
}

const kept = () => environment.rows("select id, url, payload, status, attempts, reason from notifications");

test("a notification is posted once, and what became of it is kept, however often its message comes", async () => {
  expect(await work(notification())).toEqual([]);
  expect(await work(notification())).toEqual([]);
  expect(receiver.received.map(({ headers, body }) => [headers["idempotency-key"], JSON.parse(body)])).toEqual([
    [ID, { notificationId: ID, payload: { text: "hi" } }],
  ]);
  expect(await kept()).toEqual([
    { id: ID, url: receiver.url(), payload: { text: "hi" }, status: "delivered", attempts: 1, reason: null },
  ]);
});

test("one that fails comes back alone, and is posted again under its key", async () => {
  const other = notification({ id: "00000000-0000-4000-8000-000000000002" });
  receiver.answer = ({ headers }) => (headers["idempotency-key"] === ID ? 500 : 204);
  expect(await work(notification(), other)).toEqual(["0"]);
  receiver.answer = () => 204;
  expect(await work(notification())).toEqual([]);
  expect(receiver.received.filter(({ headers }) => headers["idempotency-key"] === ID)).toHaveLength(2);
  expect((await environment.rows("select 1 from notifications where status = 'delivered'")).length).toBe(2);
});

test("of two messages with one id the first counts", async () => {
  receiver.answer = () => 500;
  await work(notification());
  receiver.answer = () => 204;
  await work(notification({ payload: { text: "other" } }));
  expect(JSON.parse(receiver.received[1]?.body ?? "")).toMatchObject({ payload: { text: "hi" } });
});

test("one whose URL leads inside a network is in the dead-letter queue with its reason, and kept as failed", async () => {
  expect(await work(notification({ url: "https://169.254.169.254/latest" }))).toEqual([]);
  const reason = "the URL is refused: 169.254.169.254 is not on the public internet";
  expect(environment.sent.map((letter) => letter.reason)).toEqual([reason]);
  expect(await kept()).toMatchObject([{ status: "failed", reason }]);
});

test.each<[string, object, string]>([
  ["another channel", { channel: "email" }, "channel: "],
  ["no id", { id: undefined }, "id: "],
  ["http", { url: "http://hooks.test/" }, "url: "],
  ["no payload", { payload: undefined }, "payload: "],
  ["a payload over 64 KiB", { payload: "x".repeat(65_537) }, "payload: JSON of at most 65536 bytes"],
  ["a field of its own", { to: "ada" }, "Unrecognized key"],
])("a message with %s is no notification: it goes to the dead-letter queue, which says so", async (_, more, reason) => {
  expect(await work(notification(more))).toEqual([]);
  expect(environment.sent.map((letter) => letter.reason)).toEqual([
    expect.stringMatching(/^the message is no notification: /) as string,
  ]);
  expect(environment.sent[0]?.reason).toContain(reason);
  expect(await kept()).toEqual([]);
});
