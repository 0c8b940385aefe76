import { FlowSchedules, fakeQueue } from "../../../__tests__/support/flow-schedules";
import { type Send } from "../../common/queue";
import { type FlowMessage } from "./message";
import { NotSent, sendDue } from "./schedule";

const PLENTY = { timeLeft: () => 60_000 };
const schedules = new FlowSchedules();

const failureOf = async (run: Promise<unknown>): Promise<NotSent> => {
  const error = await run.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(NotSent);
  return error as NotSent;
};

describe("schedulers at the same time", () => {
  test("never send the same row: what one holds the other skips, without waiting", async () => {
    await schedules.addMany(15);
    const other = fakeQueue();
    const slow = fakeQueue();
    const overtaken: Send<FlowMessage> = async (messages) => {
      if (slow.calls.length === 0) await sendDue(await schedules.connect(), other.send, PLENTY);
      return slow.send(messages);
    };

    expect((await sendDue(schedules.db, overtaken, PLENTY)).sent).toBe(10);
    expect(other.keys()).toHaveLength(5);
    expect(new Set([...slow.keys(), ...other.keys()]).size).toBe(15);
  });

  test("four of them send 200 due rows exactly once each, every due time under one key", async () => {
    await schedules.db.query(
      `insert into flow_schedules (flow_id, every, next_run_at)
       select n::text, '1 hour', now() - interval '1 minute' from generate_series(1, 200) n`,
    );
    const { send, keys } = fakeQueue();
    const schedulers = await Promise.all([
      schedules.connect(),
      schedules.connect(),
      schedules.connect(),
      schedules.connect(),
    ]);
    const outcomes = await Promise.all(schedulers.map((scheduler) => sendDue(scheduler, send, PLENTY)));

    expect(outcomes.reduce((sum, { sent }) => sum + sent, 0)).toBe(200);
    expect(new Set(keys()).size).toBe(200);
    expect(new Set(keys().map((key) => key.slice(0, 36))).size).toBe(200);
    expect(keys()).toHaveLength(200);
  });
});

describe("after a crash", () => {
  test("between send and commit the same keys are sent again, and no others", async () => {
    await schedules.addMany(3);
    const { send, calls } = fakeQueue();
    const doomed = await schedules.connect();
    const { rows } = await doomed.query<{ pid: number }>("select pg_backend_pid() as pid");
    const cut: Send<FlowMessage> = async (messages) => {
      const refused = await send(messages);
      await schedules.db.query("select pg_terminate_backend($1)", [rows[0]?.pid]);
      return refused;
    };

    await expect(sendDue(doomed, cut, PLENTY)).rejects.toThrow();
    expect(await schedules.dueCount()).toBe(3);
    expect(await sendDue(schedules.db, send, PLENTY)).toEqual({ sent: 3, complete: true });

    const [first, second] = calls.map((call) => call.map((message) => message.deduplicationKey));
    expect(second).toEqual(first);
    expect(calls[1]?.map(({ body }) => body)).toEqual(calls[0]?.map(({ body }) => body));
    expect(await schedules.dueCount()).toBe(0);
  });

  test("batches that were committed before it are not sent again", async () => {
    await schedules.addMany(15);
    const { send, keys } = fakeQueue();
    const doomed = await schedules.connect();
    const cut: Send<FlowMessage> = async (messages) => {
      if (messages.length < 10) await doomed.end();
      return send(messages);
    };
    await expect(sendDue(doomed, cut, PLENTY)).rejects.toThrow();
    expect(await schedules.dueCount()).toBe(5);
    await sendDue(schedules.db, send, PLENTY);
    expect(keys()).toHaveLength(20);
    expect(new Set(keys()).size).toBe(15);
  });
});

describe("what cannot be sent", () => {
  test("stays due when the queue refuses it, while the others move on; the error names it and the reason", async () => {
    const ids = [await schedules.add(), await schedules.add(), await schedules.add()];
    const { send } = fakeQueue((message) => (message.scheduleId === ids[1] ? "InternalError: try again" : undefined));

    const error = await failureOf(sendDue(schedules.db, send, PLENTY));
    expect(error.outcome).toEqual({ sent: 2, complete: true });
    expect([...error.failures.keys()].map((key) => key.slice(0, 36))).toEqual([ids[1]]);
    expect(error.message).toContain("InternalError: try again");
    expect(await schedules.dueCount()).toBe(1);

    const again = fakeQueue();
    await sendDue(schedules.db, again.send, PLENTY);
    expect(again.keys()).toEqual([...error.failures.keys()]);
  });

  test("is tried once a run, and holds up nobody, however many there are", async () => {
    const poisoned = await schedules.addMany(25, { dueSince: "2 hours" });
    await schedules.addMany(5);
    let tries = 0;
    const { send, keys } = fakeQueue((message) =>
      poisoned.includes(message.scheduleId) ? `no ${String(++tries)}` : undefined,
    );

    const error = await failureOf(sendDue(schedules.db, send, PLENTY));
    expect(keys()).toHaveLength(5);
    expect(tries).toBe(25);
    expect(error.failures.size).toBe(25);
    expect(error.message).toMatch(/^25 due flows were not sent, 5 were\. .*; and 15 more$/);
  });

  test("a payload too large in an altered table is reported and moved on, while the others are sent", async () => {
    await schedules.db.query("alter table flow_schedules drop constraint flow_schedules_payload_check");
    const id = await schedules.add({ payload: "x".repeat(300_000), dueSince: "2 hours" });
    await schedules.add();
    const { send, calls } = fakeQueue();

    const error = await failureOf(sendDue(schedules.db, send, PLENTY));
    expect(error.outcome).toEqual({ sent: 1, complete: true });
    expect(error.message).toMatch(new RegExp(`${id}:.*: 300\\d{3} bytes, the most is 262144`));
    expect(calls.flat()).toHaveLength(1);
    expect(await schedules.dueCount()).toBe(0);
  });

  test("the run ends when the queue is out of reach: all rows stay due, and none stays locked", async () => {
    await schedules.addMany(15);
    let calls = 0;
    const unreachable: Send<FlowMessage> = () => Promise.reject(new Error(`connect ECONNREFUSED ${String(++calls)}`));

    const error = await failureOf(sendDue(schedules.db, unreachable, PLENTY));
    expect(calls).toBe(1);
    expect(error.outcome).toEqual({ sent: 0, complete: false });
    expect(error.message).toContain("ECONNREFUSED");
    expect((await sendDue(await schedules.connect(), fakeQueue().send, PLENTY)).sent).toBe(15);
  });
});

test("an error of the database ends the run, and leaves no transaction open", async () => {
  const id = await schedules.add();
  await schedules.db
    .query(`create function broken() returns trigger language plpgsql as $$ begin raise 'disk full'; end $$;
    create trigger broken before update on flow_schedules for each row execute function broken()`);
  await expect(sendDue(schedules.db, fakeQueue().send, PLENTY)).rejects.toThrow("disk full");
  await schedules.db.query("drop function broken cascade");
  const again = fakeQueue();
  expect(await sendDue(schedules.db, again.send, PLENTY)).toEqual({ sent: 1, complete: true });
  expect(again.keys()[0]).toContain(id);
});
