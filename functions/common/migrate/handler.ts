import * as z from "zod"; // As a namespace, which esbuild can shake: 140 kB less.
import { databaseOfEnvironment } from "../database-login";
import { migrate, type MigrateReport, type Migration } from "./migrations";

/** What `npm run migrate` sends; nothing at all means up. */
const COMMAND = z.union([
  z.strictObject({ command: z.enum(["up", "status"]) }),
  z.strictObject({ command: z.literal("down"), steps: z.int().positive() }),
]);

/** A Lambda handler that migrates the database of DATABASE_SECRET_ARN when `npm run migrate` invokes it. */
export function migrateHandler(migrations: readonly Migration[]) {
  const database = databaseOfEnvironment();
  return async (event: unknown): Promise<MigrateReport> => {
    const command = COMMAND.safeParse(event);
    if (!command.success) {
      const expected = `{"command": "up" | "status"} or {"command": "down", "steps": 1}`;
      throw new Error(`Unknown command ${JSON.stringify(event)}, expected ${expected}.`);
    }
    // A new index on a large table takes as long as it takes: Lambda's own timeout ends it.
    const db = await database.connect({ statementTimeout: 0 });
    try {
      return await migrate(db, migrations, command.data);
    } finally {
      await db.end().catch(() => undefined);
    }
  };
}
