import { FlowSchedules } from "../../../__tests__/support/flow-schedules";

const schedules = new FlowSchedules();

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
  await schedules.add();
  await expect(schedules.db.query(`update flow_schedules set ${column} = ${value}`)).rejects.toThrow(
    `flow_schedules_${column}_check`,
  );
});

test("the table refuses a payload that SQS would, and takes one of 190 kB", async () => {
  await schedules.add({ payload: "x".repeat(190_000) });
  await expect(schedules.add({ payload: "x".repeat(200_000) })).rejects.toThrow("flow_schedules_payload_check");
});

test("the query for due rows uses the index on them", async () => {
  await schedules.db.query(
    `insert into flow_schedules (flow_id, every, next_run_at)
     select n::text, '1 hour', now() + interval '1 hour' from generate_series(1, 5000) n; analyze flow_schedules`,
  );
  const { rows } = await schedules.db.query<{ "QUERY PLAN": string }>(
    "explain select id from flow_schedules where enabled and next_run_at <= now() order by next_run_at, id limit 10",
  );
  expect(rows.map((row) => row["QUERY PLAN"]).join("\n")).toContain("flow_schedules_due");
});
