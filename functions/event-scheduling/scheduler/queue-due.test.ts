import { Client } from "pg";
import { type Context } from "aws-lambda";
import { CONTEXT, FunctionEnvironment } from "../../../__tests__/support/function-environment";
import { AwsError } from "../../../__tests__/support/aws-api";
import { type Message, type Send } from "../../common/queue";
import { migrations } from "../migrations";
import type * as Handler from "./handler";
import { queueDue } from "./queue-due";

const environment = new FunctionEnvironment(migrations);
const PLENTY = { timeLeft: () => 60_000 };
const db = () => environment.postgres.admin;

beforeEach(() => environment.rows("truncate events"));

/** Events in a state, due or in hand since an interval; their ids, the longest due first. */
async function add(count: number, { status = "pending", since = "1 minute", dead = false } = {}): Promise<string[]> {
  const rows = await environment.rows<{ id: string }>(
    `insert into events (url, payload, status, dead_lettered, due_at, touched_at)
     select 'https://hooks.test/', '{}', $1, $2, now() - $3::interval - n * interval '1 ms', now() - $3::interval
     from generate_series($4::int, 1, -1) n returning id`,
    status,
    dead,
    since,
    count,
  );
  return rows.map(({ id }) => id);
}

/** Takes what it is not told to refuse. */
function queue(refuses: (message: Message) => boolean = () => false) {
  const calls: (readonly string[])[] = [];
  const send: Send<Message> = (messages) => {
    const refused = messages.filter(refuses);
    calls.push(
      messages.filter((message) => !refused.includes(message)).map(({ deduplicationKey }) => deduplicationKey),
    );
    return Promise.resolve(new Map(refused.map((message) => [message, "refused"])));
  };
  return { calls, send };
}

const statuses = async () =>
  Object.fromEntries(
    (await environment.rows<{ id: string; status: string }>("select id, status from events")).map(({ id, status }) => [
      id,
      status,
    ]),
  );

async function other<T>(work: (client: Client) => Promise<T>): Promise<T> {
  const { authority, url } = {
    authority: environment.postgres.authority,
    url: environment.postgres.url("first", { query: "" }),
  };
  const client = new Client({ connectionString: url, ssl: { ca: authority.cert } });
  await client.connect();
  return work(client).finally(() => client.end());
}

test("what is due is queued once, in calls of ten, the longest due first", async () => {
  const ids = await add(23);
  const { calls, send } = queue();
  expect(await queueDue(db(), send, PLENTY)).toEqual({ queued: 23, requeued: 0, complete: true });
  expect(await queueDue(db(), send, PLENTY)).toEqual({ queued: 0, requeued: 0, complete: true });
  expect(calls).toEqual([ids.slice(0, 10), ids.slice(10, 20), ids.slice(20)]);
  expect(new Set(Object.values(await statuses()))).toEqual(new Set(["queued"]));
});

test("what is not due, cancelled or settled is left alone", async () => {
  await add(1, { since: "-1 minute" });
  for (const status of ["cancelled", "delivered"]) await add(1, { status, since: "3 hours" });
  await add(1, { status: "failed", since: "3 hours", dead: true });
  const { calls, send } = queue();
  expect(await queueDue(db(), send, PLENTY)).toEqual({ queued: 0, requeued: 0, complete: true });
  expect(calls).toEqual([]);
});

test("what nobody had in hand for an hour is queued again, and once more only after another", async () => {
  const lost = await add(3, { status: "queued", since: "61 minutes" });
  await add(3, { status: "queued", since: "59 minutes" });
  const { calls, send } = queue();
  expect(await queueDue(db(), send, PLENTY)).toEqual({ queued: 0, requeued: 3, complete: true });
  expect(await queueDue(db(), send, PLENTY)).toEqual({ queued: 0, requeued: 0, complete: true });
  expect(calls.flat().sort()).toEqual(lost.sort());
});

test("what failed and did not reach the dead-letter queue is queued again, and stays failed", async () => {
  const [id = ""] = await add(1, { status: "failed", since: "2 hours" });
  const { calls, send } = queue();
  expect(await queueDue(db(), send, PLENTY)).toMatchObject({ requeued: 1 });
  expect([calls.flat(), await statuses()]).toEqual([[id], { [id]: "failed" }]);
});

test("two at once queue every event once", async () => {
  const ids = await add(500);
  const { calls, send } = queue();
  const slowly: typeof send = async (messages) => {
    await new Promise((resolve) => setTimeout(resolve, 5));
    return send(messages);
  };
  const outcomes = await Promise.all([1, 2, 3].map(() => other((client) => queueDue(client, slowly, PLENTY))));
  expect(outcomes.reduce((sum, { queued }) => sum + queued, 0)).toBe(500);
  expect(calls.flat().sort()).toEqual(ids.sort());
});

test("what the queue refuses stays due and is told; the rest is queued", async () => {
  const ids = await add(12);
  const { send } = queue(({ deduplicationKey }) => deduplicationKey === ids[3]);
  await expect(queueDue(db(), send, PLENTY)).rejects.toThrow(
    `1 events were not queued, 11 were. ${ids[3] ?? ""}: refused`,
  );
  expect(Object.entries(await statuses()).filter(([, status]) => status === "pending")).toEqual([[ids[3], "pending"]]);
});

test("a queue out of reach ends the run, after one batch, and everything stays due", async () => {
  await add(250);
  let calls = 0;
  const unreachable: Send<Message> = () => Promise.reject(new Error(`ECONNREFUSED ${String(++calls)}`));
  await expect(queueDue(db(), unreachable, PLENTY)).rejects.toThrow("100 events were not queued, 0 were.");
  expect(calls).toBe(10);
  expect(new Set(Object.values(await statuses()))).toEqual(new Set(["pending"]));
});

test("a scheduler that dies after it sent leaves its events due: they are sent again under the same key", async () => {
  const ids = await add(5);
  const { calls, send } = queue();
  const dying: typeof send = async (messages) => {
    const result = await send(messages);
    await environment.rows("select pg_terminate_backend(pid) from pg_stat_activity where usename = 'app'");
    return result;
  };
  await expect(
    other((client) => (client.on("error", () => undefined), queueDue(client, dying, PLENTY))),
  ).rejects.toThrow();
  expect(await queueDue(db(), send, PLENTY)).toMatchObject({ queued: 5 });
  expect(calls).toEqual([ids, ids]);
});

test("a run stops before Lambda's time is up, says so, and the next one goes on", async () => {
  await add(250);
  const { send } = queue();
  let left = 25_000;
  expect(await queueDue(db(), send, { timeLeft: () => (left -= 10_000) })).toMatchObject({
    queued: 200,
    complete: false,
  });
  expect(await queueDue(db(), send, PLENTY)).toEqual({ queued: 50, requeued: 0, complete: true });
});

test("due and lost events are found by their indexes", async () => {
  await add(5_000, { status: "delivered" });
  await environment.rows("analyze events");
  const plan = async (where: string) =>
    (await environment.rows<{ "QUERY PLAN": string }>(`explain select id from events where ${where} limit 100`))
      .map((row) => row["QUERY PLAN"])
      .join("\n");
  expect(await plan("status = 'pending' and due_at <= now() order by due_at, id")).toContain("events_due");
  expect(
    await plan(
      "(status = 'queued' or (status = 'failed' and not dead_lettered)) and touched_at < now() order by touched_at, id",
    ),
  ).toContain("events_in_hand");
});

describe("the handler", () => {
  const invoke = () => jest.requireActual<typeof Handler>("./handler").handler({}, CONTEXT as Context);

  test("sends the ids of due events to the queue, counts them, and leaves no connection behind", async () => {
    const [id] = await add(1);
    expect(await invoke()).toEqual({ queued: 1, requeued: 0, complete: true });
    expect(environment.sent).toEqual([
      { QueueUrl: process.env["QUEUE_URL"], MessageBody: JSON.stringify({ eventId: id }), reason: undefined },
    ]);
    expect(await invoke()).toEqual({ queued: 0, requeued: 0, complete: true });
    const metrics = jest
      .mocked(console.log)
      .mock.calls.map(([line]) => String(line))
      .filter((line) => line.includes("_aws"));
    expect(metrics.map((line) => (JSON.parse(line) as Record<string, unknown>)["EventsQueued"])).toEqual([1, 0]);
    const left = () => environment.rows("select 1 from pg_stat_activity where usename = 'app'");
    for (let tries = 0; (await left()).length > 0 && tries < 1_500; tries++)
      await new Promise((resolve) => setTimeout(resolve, 20));
    expect(await left()).toEqual([]);
  });

  test("fails when SQS takes nothing, so that somebody is told", async () => {
    await add(1);
    environment.refuse = () => {
      throw new AwsError(400, "QueueDoesNotExist", "gone");
    };
    await expect(invoke()).rejects.toThrow("1 events were not queued");
  });
});
