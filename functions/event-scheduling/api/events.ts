import { type Database } from "../../common/database";
import { type NewEvent } from "./new-event";
import { Problem } from "./problem";

/** An event as its caller sees it. */
export interface Event {
  readonly id: string;
  readonly status: "pending" | "queued" | "delivered" | "failed" | "cancelled";
  readonly url: string;
  readonly dueAt: Date;
  readonly attempts: number;
  /** What the last attempt failed for. */
  readonly reason: string | null;
  /** When it was delivered, failed or was cancelled. */
  readonly settledAt: Date | null;
  readonly createdAt: Date;
}

const COLUMNS = `id, status, url, due_at as "dueAt", attempts, reason, settled_at as "settledAt", created_at as "createdAt"`;

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** The table of events, as the API uses it. */
export class Events {
  constructor(private readonly database: Database) {}

  /**
   * Adds an event, once for each key of the caller's.
   * @throws Problem when the key was used for another event
   */
  async add({ url, dueAt, payload, clientKey }: NewEvent): Promise<{ event: Event; isNew: boolean }> {
    const values = [url, dueAt, payload, clientKey ?? null];
    const added = await this.database.query<Event>(
      `insert into events (url, due_at, payload, client_key) values ($1, $2, $3, $4)
       on conflict (client_key) do nothing returning ${COLUMNS}`,
      values,
    );
    if (added.rows[0]) return { event: added.rows[0], isNew: true };
    const before = await this.database.query<Event & { same: boolean }>(
      `select ${COLUMNS}, url = $1 and due_at = $2 and payload::text = $3 as same from events where client_key = $4`,
      values,
    );
    const { same, ...event } = before.rows[0] ?? missing(clientKey ?? "");
    if (!same) throw new Problem(409, `The idempotency key was used for another event, ${event.id}.`);
    return { event, isNew: false };
  }

  /** @throws Problem when there is none */
  async find(id: string): Promise<Event> {
    const event = await this.found(id, `select ${COLUMNS} from events where id = $1`);
    if (!event) throw new Problem(404, `There is no event ${id.slice(0, 100)}.`);
    return event;
  }

  /**
   * Cancels an event that no scheduler has taken; one that is cancelled stays so.
   * @throws Problem when there is none, or it is too late
   */
  async cancel(id: string): Promise<Event> {
    const event =
      (await this.found(
        id,
        `update events set status = 'cancelled', settled_at = now() where id = $1 and status = 'pending'
         returning ${COLUMNS}`,
      )) ?? (await this.find(id));
    if (event.status === "cancelled") return event;
    throw new Problem(409, `The event is ${event.status}, only a pending one can be cancelled.`);
  }

  private async found(id: string, sql: string): Promise<Event | undefined> {
    return UUID.test(id) ? (await this.database.query<Event>(sql, [id])).rows[0] : undefined;
  }
}

function missing(key: string): never {
  throw new Error(`The event of the key ${key} went away while it was looked for.`);
}
