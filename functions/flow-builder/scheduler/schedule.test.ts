import { FlowSchedules, fakeQueue } from "../../../__tests__/support/flow-schedules";
import { MAX_BATCH_BYTES, sizeOf } from "../../common/queue";
import { sendDue } from "./schedule";

const PLENTY = { timeLeft: () => 60_000 };
const schedules = new FlowSchedules();

describe("what is sent", () => {
  test("a due row is sent once, with its flow, due time, payload and a key of both in the body", async () => {
    const id = await schedules.add({ flowId: "welcome", payload: { to: "ada", text: "\uffff ü" } });
    const due = (await schedules.nextRun(id)).toISOString().slice(0, -1);
    const { calls, send } = fakeQueue();

    expect(await sendDue(schedules.db, send, PLENTY)).toEqual({ sent: 1, complete: true });
    expect(await sendDue(schedules.db, send, PLENTY)).toEqual({ sent: 0, complete: true });

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
    const id = await schedules.add();
    await schedules.db.query(
      `update flow_schedules set payload = '{"n": 12345678901234567890.123456789}' where id = $1`,
      [id],
    );
    const { calls, send } = fakeQueue();
    await sendDue(schedules.db, send, PLENTY);
    expect(calls[0]?.[0]?.body).toContain("12345678901234567890.123456789");
  });

  test("no character that SQS refuses is in a body", async () => {
    await schedules.add({ payload: { text: "\ufffe\uffff\u0001\t" } });
    const { calls, send } = fakeQueue();
    await sendDue(schedules.db, send, PLENTY);
    // What SQS allows, by the reference of SendMessage; tabs and line ends are escaped in JSON.
    expect(calls[0]?.[0]?.body).toMatch(/^[\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]+$/u);
  });

  test("rows that are disabled or not due yet are left alone", async () => {
    const disabled = await schedules.add({ enabled: false });
    const later = await schedules.add({ dueSince: "-1 minute" });
    const before = [await schedules.nextRun(disabled), await schedules.nextRun(later)];
    const { calls, send } = fakeQueue();

    expect(await sendDue(schedules.db, send, PLENTY)).toEqual({ sent: 0, complete: true });
    expect(calls).toEqual([]);
    expect([await schedules.nextRun(disabled), await schedules.nextRun(later)]).toEqual(before);
  });

  test("the longest due go first, at most 10 in a call", async () => {
    for (let n = 1; n <= 23; n++) await schedules.add({ flowId: String(n), dueSince: `${String(n)} seconds` });
    const { calls, send } = fakeQueue();
    expect(await sendDue(schedules.db, send, PLENTY)).toEqual({ sent: 23, complete: true });
    expect(calls.map((call) => call.length)).toEqual([10, 10, 3]);
    const flows = calls.flat().map(({ body }) => (JSON.parse(body) as { flowId: string }).flowId);
    expect(flows).toEqual(Array.from({ length: 23 }, (_, n) => String(23 - n)));
  });

  test("a call never holds more bytes than SQS takes", async () => {
    await schedules.addMany(5, { payload: "x".repeat(100_000) });
    const { calls, send } = fakeQueue();
    expect(await sendDue(schedules.db, send, PLENTY)).toEqual({ sent: 5, complete: true });
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
    const id = await schedules.add({ every, dueSince });
    const due = await schedules.nextRun(id);
    const { send } = fakeQueue();
    await sendDue(schedules.db, send, PLENTY);

    const { rows } = await schedules.db.query<{ step: string; now: Date }>(
      "select extract(epoch from every) * 1000 as step, now() as now from flow_schedules where id = $1",
      [id],
    );
    const { step, now } = rows[0] ?? { step: "NaN", now: new Date(NaN) };
    const next = await schedules.nextRun(id);
    expect((next.getTime() - due.getTime()) % Number(step)).toBe(0);
    expect(next.getTime()).toBeGreaterThan(now.getTime());
    expect(next.getTime() - Number(step)).toBeLessThanOrEqual(now.getTime());
  });

  test("keeps its hour in UTC, and the key its UTC time, in a database whose time zone changes its clocks", async () => {
    await schedules.db.query("set time zone 'Europe/Berlin'");
    // Whatever today is, one of these steps goes over a change of the clocks.
    const ids = [
      await schedules.add({ every: "100 days" }),
      await schedules.add({ every: "180 days" }),
      await schedules.add({ every: "260 days" }),
    ];
    const due = await schedules.nextRuns(ids);
    const { send, keys } = fakeQueue();
    await sendDue(schedules.db, send, PLENTY);
    await schedules.db.query("reset time zone");

    const hour = (at: Date) => at.toISOString().slice(11);
    expect((await schedules.nextRuns(ids)).map(hour)).toEqual(due.map(hour));
    expect(keys().map((key) => key.slice(0, 60))).toEqual(
      expect.arrayContaining(due.map((at, n) => `${ids[n] ?? ""}:${at.toISOString().slice(0, -1)}`)),
    );
  });

  test("after an outage comes one late run, not one for each that was missed", async () => {
    await schedules.add({ every: "1 minute", dueSince: "1 day" });
    const { calls, send } = fakeQueue();
    expect(await sendDue(schedules.db, send, PLENTY)).toEqual({ sent: 1, complete: true });
    expect(calls.flat()).toHaveLength(1);
  });
});

test("a run stops before Lambda's time is up, says so, and the next one goes on", async () => {
  await schedules.addMany(25);
  const { send, calls } = fakeQueue();
  let left = 30_000;
  expect(await sendDue(schedules.db, send, { timeLeft: () => (left -= 10_000) })).toEqual({
    sent: 20,
    complete: false,
  });
  expect(await sendDue(schedules.db, send, PLENTY)).toEqual({ sent: 5, complete: true });
  expect(calls).toHaveLength(3);
});
