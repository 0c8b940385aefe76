import { type ClientBase } from "pg";

/** In UTC, so that adding days to a timestamptz never meets a change of the clocks. */
const BEGIN = "begin; set local time zone 'UTC'";

/** Runs work in a transaction: all of it is kept, or nothing when it throws. */
export async function inTransaction<T>(db: ClientBase, work: () => Promise<T>): Promise<T> {
  await db.query(BEGIN);
  try {
    const result = await work();
    await db.query("commit");
    return result;
  } catch (error) {
    // On a broken connection the server rolls back by itself, and the first error is the one to tell.
    await db.query("rollback").catch(() => undefined);
    throw error;
  }
}
