import { createHash } from "node:crypto";
import { type ClientBase } from "pg";
import { inTransaction } from "../transaction";

export interface Migration {
  /** "0001_events": the file's name without its ending. They are applied in this order. */
  readonly name: string;
  readonly up: string;
  /** Undoes it. Data that only the new columns hold is gone then. */
  readonly down: string;
}

export type MigrateCommand =
  | { readonly command: "up" }
  /** Undoes the newest `steps` migrations that are applied. */
  | { readonly command: "down"; readonly steps: number }
  | { readonly command: "status" };

export interface MigrateReport {
  /** Names, in the order in which it was done. */
  readonly applied: readonly string[];
  readonly undone: readonly string[];
  /** What the database has now, and what it still lacks. */
  readonly present: readonly string[];
  readonly pending: readonly string[];
}

interface Applied {
  readonly version: number;
  readonly name: string;
  readonly sha256: string;
}

/** Advisory locks are numbers for a whole database: this one is ours by its being unlikely ("migr" in ASCII). */
const LOCK = 0x6d696772;

const TABLE = `
  create table if not exists schema_migrations (
    version integer primary key,
    name text not null,
    sha256 text not null,
    applied_at timestamptz not null default now()
  )`;

/**
 * Brings a database to the state of the migrations, each in a transaction of its own with its line in
 * `schema_migrations`: what breaks off leaves whole migrations behind, and the next call goes on. One at a time: a
 * second one fails at once.
 *
 * @throws Error that says which migration failed, was changed after it was applied, or is unknown here
 */
export async function migrate(
  db: ClientBase,
  migrations: readonly Migration[],
  command: MigrateCommand,
): Promise<MigrateReport> {
  const { rows } = await db.query<{ locked: boolean }>("select pg_try_advisory_lock($1) as locked", [LOCK]);
  if (!rows[0]?.locked) throw new Error("Another migration of this database is under way. Wait for its end.");
  try {
    await db.query(TABLE);
    const before = await check(db, migrations);
    const applied = command.command === "up" ? await up(db, migrations.slice(before)) : [];
    const undone = command.command === "down" ? await down(db, migrations.slice(0, before), command.steps) : [];
    const now = before + applied.length - undone.length;
    const names = migrations.map(({ name }) => name);
    return { applied, undone, present: names.slice(0, now), pending: names.slice(now) };
  } finally {
    await db.query("select pg_advisory_unlock($1)", [LOCK]).catch(() => undefined);
  }
}

/** How many of the migrations are applied: the first ones, unchanged, or there is an error. */
async function check(db: ClientBase, migrations: readonly Migration[]): Promise<number> {
  const { rows } = await db.query<Applied>("select version, name, sha256 from schema_migrations order by version");
  for (const [index, { version, name, sha256 }] of rows.entries()) {
    const migration = migrations[index];
    if (!migration || versionOf(migration) !== version || migration.name !== name) {
      throw new Error(
        `The database has the migration ${name}, which this version of the code does not know in its place. ` +
          "Deploy the version that knows it, or undo it from there.",
      );
    }
    if (digestOf(migration) !== sha256) {
      throw new Error(`${name} was changed after it was applied. Restore it, and put the change into a new migration.`);
    }
  }
  return rows.length;
}

async function up(db: ClientBase, pending: readonly Migration[]): Promise<string[]> {
  for (const migration of pending) {
    const { name } = migration;
    await apply(db, `${name}`, migration.up, [
      "insert into schema_migrations (version, name, sha256) values ($1, $2, $3)",
      [versionOf(migration), name, digestOf(migration)],
    ]);
  }
  return pending.map(({ name }) => name);
}

async function down(db: ClientBase, present: readonly Migration[], steps: number): Promise<string[]> {
  if (!Number.isInteger(steps) || steps < 1 || steps > present.length) {
    const most = `${String(present.length)} are applied`;
    throw new Error(`Cannot undo ${String(steps)} migrations: ${most}. Expected a whole number from 1.`);
  }
  const undone = present.slice(-steps).reverse();
  for (const migration of undone) {
    const forget = "delete from schema_migrations where version = $1";
    await apply(db, `${migration.name} (down)`, migration.down, [forget, [versionOf(migration)]]);
  }
  return undone.map(({ name }) => name);
}

async function apply(
  db: ClientBase,
  title: string,
  sql: string,
  [record, values]: readonly [string, readonly unknown[]],
): Promise<void> {
  try {
    await inTransaction(db, async () => {
      await db.query(sql);
      await db.query(record, [...values]);
    });
  } catch (error) {
    throw new Error(`${title} failed and changed nothing: ${(error as Error).message}`, { cause: error });
  }
}

function versionOf({ name }: Migration): number {
  return Number(/^\d+/.exec(name)?.[0]);
}

function digestOf({ up }: Migration): string {
  return createHash("sha256").update(up).digest("hex");
}
