import { readFileSync } from "node:fs";
import { join } from "node:path";
import { Client } from "pg";
import { startPostgres, type RunningPostgres } from "../../__tests__/support/postgres";
import { MAX_BATCH_BYTES, sizeOf, type Message } from "./message";
import { NotSent, sendDue, type Send } from "./schedule";

const MIGRATION = readFileSync(join(__dirname, "migrations", "0001_flow_schedules.sql"), "utf8");
const PLENTY = { timeLeft: () => 60_000 };

let postgres: RunningPostgres;
let db: Client;
const clients: Client[] = [];

async function connect(): Promise<Client> {
  const client = new Client({ connectionString: postgres.url });
  client.on("error", () => undefined);
  clients.push(client);
  await client.connect();
  return client;
}

beforeAll(async () => {
  postgres = await startPostgres();
  db = await connect();
}, 30_000);

afterAll(async () => {
  await Promise.all(clients.map((client) => client.end().catch(() => undefined)));
  await postgres.stop();
});

beforeEach(async () => {
  await db.query(`drop table if exists flow_schedules; ${MIGRATION}`);
});

interface Schedule {
  flowId?: string;
  every?: string;
  /** How long ago it became due, as an interval. */
  dueSince?: string;
  enabled?: boolean;
  payload?: unknown;
}

async function add(schedule: Schedule = {}): Promise<string> {
  const { flowId = "flow", every = "1 hour", dueSince = "1 minute", enabled = true, payload = {} } = schedule;
  const { rows } = await db.query<{ id: string }>(
    `insert into flow_schedules (flow_id, every, next_run_at, enabled, payload)
     values ($1, $2, now() - $3::interval, $4, $5) returning id`,
    [flowId, every, dueSince, enabled, JSON.stringify(payload)],
  );
  return rows[0]?.id ?? "";
}

const nextRuns = async (ids: string[]) => {
  const times: Date[] = [];
  for (const id of ids) times.push(await nextRun(id));
  return times;
};

async function nextRun(id: string): Promise<Date> {
  const { rows } = await db.query<{ at: Date }>("select next_run_at as at from flow_schedules where id = $1", [id]);
  return rows[0]?.at ?? new Date(NaN);
}

async function dueCount(): Promise<number> {
  const { rows } = await db.query("select 1 from flow_schedules where enabled and next_run_at <= now()");
  return rows.length;
}

/** A queue that keeps what it takes, in calls, and refuses what it is told to. */
function queue(refuses: (message: Message) => string | undefined = () => undefined) {
  const calls: Message[][] = [];
  const send: Send = (messages) => {
    const refused = new Map(
      messages.flatMap((message) => {
        const reason = refuses(message);
        return reason === undefined ? [] : [[message, reason]];
      }),
    );
    calls.push(messages.filter((message) => !refused.has(message)));
    return Promise.resolve(refused);
  };
  return { calls, send, keys: () => calls.flat().map((message) => message.deduplicationKey) };
}

const failureOf = async (run: Promise<unknown>): Promise<NotSent> => {
  const error = await run.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(NotSent);
  return error as NotSent;
};

describe("what is sent", () => {
  test("a due row is sent once, with its flow, due time, payload and a key of both in the body", async () => {
    const id = await add({ flowId: "welcome", payload: { to: "ada", text: "\uffff ü" } });
    const due = (await nextRun(id)).toISOString().slice(0, -1);
    const { calls, send } = queue();

    expect(await sendDue(db, send, PLENTY)).toEqual({ sent: 1, complete: true });
    expect(await sendDue(db, send, PLENTY)).toEqual({ sent: 0, complete: true });

    const [message] = calls.flat();
    const body = JSON.parse(message?.body ?? "") as Record<string, unknown>;
    expect(calls.flat()).toHaveLength(1);
    expect(body).toEqual({
      deduplicationKey: message?.deduplicationKey,
      scheduleId: id,
      flowId: "welcome",
      dueAt: expect.stringMatching(`^${due}\\d{3}Z$`) as unknown,
      payload: { to: "ada", text: "\uffff ü" },
    });
    expect(message?.deduplicationKey).toBe(`${id}:${String(body["dueAt"])}`);
  });

  test("a payload's numbers arrive with all their digits", async () => {
    const id = await add();
    await db.query(`update flow_schedules set payload = '{"n": 12345678901234567890.123456789}' where id = $1`, [id]);
    const { calls, send } = queue();
    await sendDue(db, send, PLENTY);
    expect(calls[0]?.[0]?.body).toContain("12345678901234567890.123456789");
  });

  test("no character that SQS refuses is in a body", async () => {
    await add({ payload: { text: "\ufffe\uffff\u0001\t" } });
    const { calls, send } = queue();
    await sendDue(db, send, PLENTY);
    // What SQS allows, by the reference of SendMessage; tabs and line ends are escaped in JSON.
    expect(calls[0]?.[0]?.body).toMatch(/^[\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]+$/u);
  });

  test("rows that are disabled or not due yet are left alone", async () => {
    const disabled = await add({ enabled: false });
    const later = await add({ dueSince: "-1 minute" });
    const before = [await nextRun(disabled), await nextRun(later)];
    const { calls, send } = queue();

    expect(await sendDue(db, send, PLENTY)).toEqual({ sent: 0, complete: true });
    expect(calls).toEqual([]);
    expect([await nextRun(disabled), await nextRun(later)]).toEqual(before);
  });

  test("the longest due go first, at most 10 in a call", async () => {
    for (let n = 1; n <= 23; n++) await add({ flowId: String(n), dueSince: `${String(n)} seconds` });
    const { calls, send } = queue();
    expect(await sendDue(db, send, PLENTY)).toEqual({ sent: 23, complete: true });
    expect(calls.map((call) => call.length)).toEqual([10, 10, 3]);
    const flows = calls.flat().map(({ body }) => (JSON.parse(body) as { flowId: string }).flowId);
    expect(flows).toEqual(Array.from({ length: 23 }, (_, n) => String(23 - n)));
  });

  test("a call never holds more bytes than SQS takes", async () => {
    for (let n = 0; n < 5; n++) await add({ payload: "x".repeat(100_000) });
    const { calls, send } = queue();
    expect(await sendDue(db, send, PLENTY)).toEqual({ sent: 5, complete: true });
    expect(calls.map((call) => call.length)).toEqual([2, 2, 1]);
    for (const call of calls) expect(call.map(sizeOf).reduce((a, b) => a + b)).toBeLessThanOrEqual(MAX_BATCH_BYTES);
  });
});

describe("the next time", () => {
  test.each([
    ["1 minute", "0 seconds"],
    ["15 minutes", "7 minutes"],
    ["1 hour", "5 hours 59 minutes 59 seconds"],
    ["1 day", "400 days 3 hours"],
    ["1 day 6 hours", "100 days"],
    ["7 minutes 0.5 seconds", "3 days"],
  ])("of a row every %s that is due since %s is the first on its grid after now", async (every, dueSince) => {
    const id = await add({ every, dueSince });
    const due = await nextRun(id);
    const { send } = queue();
    await sendDue(db, send, PLENTY);

    const { rows } = await db.query<{ step: string; now: Date }>(
      "select extract(epoch from every) * 1000 as step, now() as now from flow_schedules where id = $1",
      [id],
    );
    const { step, now } = rows[0] ?? { step: "NaN", now: new Date(NaN) };
    const next = await nextRun(id);
    expect((next.getTime() - due.getTime()) % Number(step)).toBe(0);
    expect(next.getTime()).toBeGreaterThan(now.getTime());
    expect(next.getTime() - Number(step)).toBeLessThanOrEqual(now.getTime());
  });

  test("keeps its hour in UTC, and the key its UTC time, in a database whose time zone changes its clocks", async () => {
    await db.query("set time zone 'Europe/Berlin'");
    // Whatever today is, one of these steps goes over a change of the clocks.
    const ids = [await add({ every: "100 days" }), await add({ every: "180 days" }), await add({ every: "260 days" })];
    const due = await nextRuns(ids);
    const { send, keys } = queue();
    await sendDue(db, send, PLENTY);
    await db.query("reset time zone");

    const hour = (at: Date) => at.toISOString().slice(11);
    expect((await nextRuns(ids)).map(hour)).toEqual(due.map(hour));
    expect(keys().map((key) => key.slice(0, 60))).toEqual(
      expect.arrayContaining(due.map((at, n) => `${ids[n] ?? ""}:${at.toISOString().slice(0, -1)}`)),
    );
  });

  test("after an outage comes one late run, not one for each that was missed", async () => {
    await add({ every: "1 minute", dueSince: "1 day" });
    const { calls, send } = queue();
    expect(await sendDue(db, send, PLENTY)).toEqual({ sent: 1, complete: true });
    expect(calls.flat()).toHaveLength(1);
  });
});

describe("schedulers at the same time", () => {
  test("never send the same row: what one holds the other skips, without waiting", async () => {
    for (let n = 0; n < 15; n++) await add();
    const other = queue();
    const slow = queue();
    const overtaken: Send = async (messages) => {
      if (slow.calls.length === 0) await sendDue(await connect(), other.send, PLENTY);
      return slow.send(messages);
    };

    expect((await sendDue(db, overtaken, PLENTY)).sent).toBe(10);
    expect(other.keys()).toHaveLength(5);
    expect(new Set([...slow.keys(), ...other.keys()]).size).toBe(15);
  });

  test("four of them send 200 due rows exactly once each, every due time under one key", async () => {
    await db.query(
      `insert into flow_schedules (flow_id, every, next_run_at)
       select n::text, '1 hour', now() - interval '1 minute' from generate_series(1, 200) n`,
    );
    const { send, keys } = queue();
    const schedulers = await Promise.all([connect(), connect(), connect(), connect()]);
    const outcomes = await Promise.all(schedulers.map((scheduler) => sendDue(scheduler, send, PLENTY)));

    expect(outcomes.reduce((sum, { sent }) => sum + sent, 0)).toBe(200);
    expect(new Set(keys()).size).toBe(200);
    expect(new Set(keys().map((key) => key.slice(0, 36))).size).toBe(200);
    expect(keys()).toHaveLength(200);
  });
});

describe("after a crash", () => {
  test("between send and commit the same keys are sent again, and no others", async () => {
    for (let n = 0; n < 3; n++) await add();
    const { send, calls } = queue();
    const doomed = await connect();
    const { rows } = await doomed.query<{ pid: number }>("select pg_backend_pid() as pid");
    const cut: Send = async (messages) => {
      const refused = await send(messages);
      await db.query("select pg_terminate_backend($1)", [rows[0]?.pid]);
      return refused;
    };

    await expect(sendDue(doomed, cut, PLENTY)).rejects.toThrow();
    expect(await dueCount()).toBe(3);
    expect(await sendDue(db, send, PLENTY)).toEqual({ sent: 3, complete: true });

    const [first, second] = calls.map((call) => call.map((message) => message.deduplicationKey));
    expect(second).toEqual(first);
    expect(calls[1]?.map(({ body }) => body)).toEqual(calls[0]?.map(({ body }) => body));
    expect(await dueCount()).toBe(0);
  });

  test("batches that were committed before it are not sent again", async () => {
    for (let n = 0; n < 15; n++) await add();
    const { send, keys } = queue();
    const doomed = await connect();
    const cut: Send = async (messages) => {
      if (messages.length < 10) await doomed.end();
      return send(messages);
    };
    await expect(sendDue(doomed, cut, PLENTY)).rejects.toThrow();
    expect(await dueCount()).toBe(5);
    await sendDue(db, send, PLENTY);
    expect(keys()).toHaveLength(20);
    expect(new Set(keys()).size).toBe(15);
  });
});

describe("what cannot be sent", () => {
  test("stays due when the queue refuses it, while the others move on; the error names it and the reason", async () => {
    const ids = [await add(), await add(), await add()];
    const { send } = queue((message) => (message.scheduleId === ids[1] ? "InternalError: try again" : undefined));

    const error = await failureOf(sendDue(db, send, PLENTY));
    expect(error.outcome).toEqual({ sent: 2, complete: true });
    expect([...error.failures.keys()].map((key) => key.slice(0, 36))).toEqual([ids[1]]);
    expect(error.message).toContain("InternalError: try again");
    expect(await dueCount()).toBe(1);

    const again = queue();
    await sendDue(db, again.send, PLENTY);
    expect(again.keys()).toEqual([...error.failures.keys()]);
  });

  test("is tried once a run, and holds up nobody, however many there are", async () => {
    const poisoned: string[] = [];
    for (let n = 0; n < 25; n++) poisoned.push(await add({ dueSince: "2 hours" }));
    for (let n = 0; n < 5; n++) await add();
    let tries = 0;
    const { send, keys } = queue((message) =>
      poisoned.includes(message.scheduleId) ? `no ${String(++tries)}` : undefined,
    );

    const error = await failureOf(sendDue(db, send, PLENTY));
    expect(keys()).toHaveLength(5);
    expect(tries).toBe(25);
    expect(error.failures.size).toBe(25);
    expect(error.message).toMatch(/^25 due flows were not sent, 5 were\. .*; and 15 more$/);
  });

  test("a payload too large for SQS is refused by the table", async () => {
    await expect(add({ payload: "x".repeat(200_000) })).rejects.toThrow(/payload/);
  });

  test("a payload too large in an altered table is reported and moved on, while the others are sent", async () => {
    await db.query("alter table flow_schedules drop constraint flow_schedules_payload_check");
    const id = await add({ payload: "x".repeat(300_000), dueSince: "2 hours" });
    await add();
    const { send, calls } = queue();

    const error = await failureOf(sendDue(db, send, PLENTY));
    expect(error.outcome).toEqual({ sent: 1, complete: true });
    expect(error.message).toMatch(new RegExp(`${id}:.*: 300\\d{3} bytes, the most is 262144`));
    expect(calls.flat()).toHaveLength(1);
    expect(await dueCount()).toBe(0);
  });

  test("the run ends when the queue is out of reach: all rows stay due, and none stays locked", async () => {
    for (let n = 0; n < 15; n++) await add();
    let calls = 0;
    const unreachable: Send = () => Promise.reject(new Error(`connect ECONNREFUSED ${String(++calls)}`));

    const error = await failureOf(sendDue(db, unreachable, PLENTY));
    expect(calls).toBe(1);
    expect(error.outcome).toEqual({ sent: 0, complete: false });
    expect(error.message).toContain("ECONNREFUSED");
    expect((await sendDue(await connect(), queue().send, PLENTY)).sent).toBe(15);
  });
});

test("an error of the database ends the run, and leaves no transaction open", async () => {
  const id = await add();
  await db.query(`create function broken() returns trigger language plpgsql as $$ begin raise 'disk full'; end $$;
    create trigger broken before update on flow_schedules for each row execute function broken()`);
  await expect(sendDue(db, queue().send, PLENTY)).rejects.toThrow("disk full");
  await db.query("drop function broken cascade");
  const again = queue();
  expect(await sendDue(db, again.send, PLENTY)).toEqual({ sent: 1, complete: true });
  expect(again.keys()[0]).toContain(id);
});

test("a run stops before Lambda's time is up, says so, and the next one goes on", async () => {
  for (let n = 0; n < 25; n++) await add();
  const { send, calls } = queue();
  let left = 30_000;
  expect(await sendDue(db, send, { timeLeft: () => (left -= 10_000) })).toEqual({ sent: 20, complete: false });
  expect(await sendDue(db, send, PLENTY)).toEqual({ sent: 5, complete: true });
  expect(calls).toHaveLength(3);
});

test.each([
  ["every", "'0'"],
  ["every", "'-1 hour'"],
  ["every", "'59 seconds'"],
  ["every", "'1 month'"],
  ["every", "'1 month -1 day'"],
  ["every", "'1 year'"],
  ["next_run_at", "'infinity'"],
  ["flow_id", "''"],
])("the table refuses %s = %s", async (column, value) => {
  await add();
  await expect(db.query(`update flow_schedules set ${column} = ${value}`)).rejects.toThrow(
    `flow_schedules_${column}_check`,
  );
});

test("the query for due rows uses the index on them", async () => {
  await db.query(
    `insert into flow_schedules (flow_id, every, next_run_at)
     select n::text, '1 hour', now() + interval '1 hour' from generate_series(1, 5000) n; analyze flow_schedules`,
  );
  const { rows } = await db.query<{ "QUERY PLAN": string }>(
    "explain select id from flow_schedules where enabled and next_run_at <= now() order by next_run_at, id limit 10",
  );
  expect(rows.map((row) => row["QUERY PLAN"]).join("\n")).toContain("flow_schedules_due");
});
