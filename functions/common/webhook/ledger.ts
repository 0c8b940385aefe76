import { type Database } from "../database";
import { type Webhook } from "./client";

/** Seconds for which an attempt has its row alone: far longer than one takes (10 s, and three statements), shorter than the queue's visibility timeout. */
const LEASE = 90;

/** A table whose rows are webhooks, with the columns of `events`. */
export interface WebhookTable {
  readonly name: "events" | "notifications";
  /** SQL of the request's body, as text. */
  readonly body: string;
  /** SQL of the time from which the delivery's delay is counted. */
  readonly dueAt: string;
}

/** A row as an attempt finds it. */
export type Claim =
  | { readonly kind: "claimed"; readonly webhook: Webhook; readonly attempt: number; readonly dueAt: Date }
  /** Delivered, cancelled, or failed and in the dead-letter queue: nothing is left to do. */
  | { readonly kind: "settled"; readonly status: string }
  /** Failed, and not in the dead-letter queue yet: an attempt broke off in between. */
  | { readonly kind: "failed"; readonly reason: string }
  /** Another attempt is under way. */
  | { readonly kind: "busy" }
  | { readonly kind: "unknown" };

/** What PostgreSQL knows of each webhook: of two messages for one row, one at a time makes an attempt, and none after it is settled. */
export class Ledger {
  constructor(
    private readonly database: Database,
    private readonly table: WebhookTable,
  ) {}

  /**
   * Begins an attempt. A row that is pending still is one whose scheduler has not committed: this waits for it.
   * @param redriven somebody sent a dead letter back to the queue: the failed one gets all of its attempts again
   */
  async claim(id: string, redriven: boolean): Promise<Claim> {
    const { name, body, dueAt } = this.table;
    const claimed = await this.database.query<Webhook & { attempt: number; dueAt: Date }>(
      `update ${name} set status = 'queued', dead_lettered = false, settled_at = null, touched_at = now(),
         attempts = case when status = 'failed' then 1 else attempts + 1 end,
         leased_until = now() + interval '${String(LEASE)} s'
       where id = $1 and (status in ('pending', 'queued') or (status = 'failed' and dead_lettered and $2))
         and (leased_until is null or leased_until <= now())
       returning id, url, ${body} as body, attempts as attempt, ${dueAt} as "dueAt"`,
      [id, redriven],
    );
    const row = claimed.rows[0];
    if (row) {
      const { attempt, dueAt: due, ...webhook } = row;
      return { kind: "claimed", webhook, attempt, dueAt: due };
    }
    return this.unclaimed(id);
  }

  async delivered(id: string): Promise<void> {
    await this.database.query(
      `update ${this.table.name} set status = 'delivered', reason = null, leased_until = null, settled_at = now(),
         touched_at = now() where id = $1`,
      [id],
    );
  }

  /** The attempt failed, and there will be another. */
  async unfinished(id: string, attempt: number, reason: string): Promise<void> {
    await this.database.query(
      `update ${this.table.name} set reason = $3, leased_until = null, touched_at = now()
       where id = $1 and status = 'queued' and attempts = $2`,
      [id, attempt, reason],
    );
  }

  /** The attempt failed, and there will be no other. */
  async failed(id: string, attempt: number, reason: string): Promise<void> {
    await this.database.query(
      `update ${this.table.name} set status = 'failed', reason = $3, leased_until = null, settled_at = now(),
         touched_at = now() where id = $1 and status = 'queued' and attempts = $2`,
      [id, attempt, reason],
    );
  }

  async deadLettered(id: string): Promise<void> {
    await this.database.query(
      `update ${this.table.name} set dead_lettered = true where id = $1 and status = 'failed'`,
      [id],
    );
  }

  private async unclaimed(id: string): Promise<Claim> {
    const { rows } = await this.database.query<{ status: string; reason: string | null; dead: boolean }>(
      `select status, reason, dead_lettered as dead from ${this.table.name} where id = $1`,
      [id],
    );
    const row = rows[0];
    if (!row) return { kind: "unknown" };
    if (row.status === "failed" && !row.dead) return { kind: "failed", reason: row.reason ?? "" };
    return row.status === "pending" || row.status === "queued"
      ? { kind: "busy" }
      : { kind: "settled", status: row.status };
  }
}
