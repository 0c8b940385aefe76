import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { Client } from "pg";
import { until } from "../../../__tests__/e2e/support/steps";
import { FunctionEnvironment } from "../../../__tests__/support/function-environment";
import { migrations as events } from "../../event-scheduling/migrations";
import { migrations as notifications } from "../../notifications/migrations";
import { migrateHandler } from "./handler";
import { migrate, type Migration } from "./migrations";

const environment = new FunctionEnvironment([]);
const db = () => environment.postgres.admin;

const A: Migration = { name: "0001_a", up: "create table a (n int)", down: "drop table a" };
const B: Migration = {
  name: "0002_b",
  up: "alter table a add m int; insert into a values (1, 2)",
  down: "alter table a drop m",
};
const BROKEN: Migration = { name: "0003_broken", up: "create table c (n int); select 1/0", down: "drop table c" };

beforeEach(() => environment.rows("drop table if exists schema_migrations, a, c, events, notifications"));

const up = (...migrations: Migration[]) => migrate(db(), migrations, { command: "up" });
const down = (steps: number, ...migrations: Migration[]) => migrate(db(), migrations, { command: "down", steps });
const status = (...migrations: Migration[]) => migrate(db(), migrations, { command: "status" });

/** Columns, types, constraints and indexes of all tables. */
const schema = async () =>
  environment.rows(
    `select table_name, column_name, data_type, column_default from information_schema.columns where table_schema = 'public'
     union all select conrelid::regclass::text, conname, 'constraint', pg_get_constraintdef(oid) from pg_constraint where connamespace = 'public'::regnamespace
     union all select tablename, indexname, 'index', indexdef from pg_indexes where schemaname = 'public' order by 1, 2, 3`,
  );

test("up applies what is missing, in order, once", async () => {
  expect(await status(A, B)).toEqual({ applied: [], undone: [], present: [], pending: ["0001_a", "0002_b"] });
  expect(await up(A)).toMatchObject({ applied: ["0001_a"] });
  expect(await up(A, B)).toEqual({ applied: ["0002_b"], undone: [], present: ["0001_a", "0002_b"], pending: [] });
  expect(await up(A, B)).toMatchObject({ applied: [] });
  expect(await environment.rows("select * from a")).toEqual([{ n: 1, m: 2 }]);
});

test("down undoes the newest first, and up brings them again", async () => {
  await up(A, B);
  expect(await down(1, A, B)).toMatchObject({ undone: ["0002_b"], present: ["0001_a"], pending: ["0002_b"] });
  await up(A, B);
  expect(await down(2, A, B)).toMatchObject({ undone: ["0002_b", "0001_a"], present: [] });
  expect(await environment.rows("select to_regclass('a') as a")).toEqual([{ a: null }]);
});

test.each([0, -1, 1.5, 3])("down by %p of two is refused and changes nothing", async (steps) => {
  await up(A, B);
  await expect(down(steps, A, B)).rejects.toThrow(`Cannot undo ${String(steps)} migrations: 2 are applied.`);
  expect(await status(A, B)).toMatchObject({ present: ["0001_a", "0002_b"] });
});

test("one that fails changes nothing, says why, and keeps those before it", async () => {
  await expect(up(A, B, BROKEN)).rejects.toThrow("0003_broken failed and changed nothing: division by zero");
  expect(await status(A, B, BROKEN)).toMatchObject({ present: ["0001_a", "0002_b"], pending: ["0003_broken"] });
  expect(await environment.rows("select to_regclass('c') as c")).toEqual([{ c: null }]);
});

test("one that was changed after it was applied is refused", async () => {
  await up(A);
  await expect(up({ ...A, up: "create table a (n bigint)" }, B)).rejects.toThrow(
    "0001_a was changed after it was applied",
  );
});

test("code that is older than the database says so and changes nothing", async () => {
  await up(A, B);
  await expect(up(A)).rejects.toThrow(
    "The database has the migration 0002_b, which this version of the code does not know",
  );
});

test("a second one at the same time fails at once", async () => {
  const other = new Client({
    connectionString: environment.postgres.url("first", { query: "" }),
    ssl: { ca: environment.postgres.authority.cert },
  });
  await other.connect();
  // It lasts until the other has been refused.
  await other.query("select pg_advisory_lock(42)");
  const slow: Migration = { name: "0001_slow", up: "select pg_advisory_xact_lock(42)", down: "select 1" };
  const first = up(slow);
  const waiting = "select 1 from pg_locks where locktype = 'advisory' and objid = 42 and not granted";
  await until("the first is in its midst", 60, async () => (await other.query(waiting)).rowCount || undefined);
  await expect(migrate(other, [A], { command: "up" })).rejects.toThrow(
    "Another migration of this database is under way",
  );
  await other.query("select pg_advisory_unlock(42)");
  await first;
  await other.end();
});

describe.each([
  ["event-scheduling", events],
  ["notifications", notifications],
])("the migrations of %s", (system, migrations) => {
  test("are the files of their folder, each with its way back", () => {
    const folder = join(__dirname, "../..", system, "migrations");
    const files = readdirSync(folder)
      .filter((name) => name.endsWith(".sql"))
      .sort();
    expect(files).toEqual(migrations.flatMap(({ name }) => [`${name}.down.sql`, `${name}.sql`]));
    for (const { name, up: text, down: back } of migrations) {
      expect([text, back]).toEqual(
        [`${name}.sql`, `${name}.down.sql`].map((file) => readFileSync(join(folder, file), "utf8")),
      );
    }
  });

  test("leave nothing behind when they are undone, one by one", async () => {
    await status();
    const schemas = [await schema()];
    for (let n = 1; n <= migrations.length; n++) {
      await migrate(db(), migrations.slice(0, n), { command: "up" });
      schemas.push(await schema());
    }
    for (let n = migrations.length; n > 0; n--) {
      expect(await schema()).toEqual(schemas[n]);
      await migrate(db(), migrations.slice(0, n), { command: "down", steps: 1 });
    }
    expect(await schema()).toEqual(schemas[0]);
  });
});

describe("the handler", () => {
  test("applies as the login of the secret, tells, and undoes", async () => {
    await environment.rows("grant all on schema public to app");
    const handler = migrateHandler([A]);
    expect(await handler({ command: "up" })).toMatchObject({ applied: ["0001_a"] });
    expect(await handler({ command: "status" })).toMatchObject({ present: ["0001_a"] });
    expect(await handler({ command: "down", steps: 1 })).toMatchObject({ undone: ["0001_a"] });
    expect(await environment.rows("select 1 from pg_stat_activity where usename = 'app' and state <> 'idle'")).toEqual(
      [],
    );
  });

  test.each([undefined, {}, { command: "sideways" }, { command: "down" }, { command: "up", steps: 1 }])(
    "refuses the command %j and says what it knows",
    async (event) => {
      await expect(migrateHandler([A])(event)).rejects.toThrow(/^Unknown command .*, expected \{"command"/);
    },
  );
});
