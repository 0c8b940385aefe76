import { readFileSync } from "node:fs";
import { join } from "node:path";
import { Client } from "pg";
import { type FlowMessage } from "../../functions/flow-builder/scheduler/message";
import { type Send } from "../../functions/common/queue";
import { startPostgres, type RunningPostgres } from "./postgres";

const MIGRATION = readFileSync(
  join(__dirname, "../../functions/flow-builder/migrations/0001_flow_schedules.sql"),
  "utf8",
);

export interface Schedule {
  readonly flowId?: string;
  readonly every?: string;
  /** How long ago it became due, as an interval. */
  readonly dueSince?: string;
  readonly enabled?: boolean;
  readonly payload?: unknown;
}

/** A PostgreSQL for the tests of one file, with an empty table `flow_schedules` before each. */
export class FlowSchedules {
  private postgres!: RunningPostgres;
  private readonly clients: Client[] = [];
  /** The tests' own connection, as the superuser. */
  db!: Client;

  constructor() {
    beforeAll(async () => {
      this.postgres = await startPostgres();
      this.db = await this.connect();
    });
    beforeEach(async () => {
      await this.db.query(`drop table if exists flow_schedules; ${MIGRATION}`);
    });
    afterAll(async () => {
      await Promise.all(this.clients.map((client) => client.end().catch(() => undefined)));
      await this.postgres.stop();
    });
  }

  /** A further connection; it is ended after the last test. */
  async connect(): Promise<Client> {
    const client = new Client({ connectionString: this.postgres.url });
    client.on("error", () => undefined);
    this.clients.push(client);
    await client.connect();
    return client;
  }

  async add(schedule: Schedule = {}): Promise<string> {
    const { flowId = "flow", every = "1 hour", dueSince = "1 minute", enabled = true, payload = {} } = schedule;
    const { rows } = await this.db.query<{ id: string }>(
      `insert into flow_schedules (flow_id, every, next_run_at, enabled, payload)
       values ($1, $2, now() - $3::interval, $4, $5) returning id`,
      [flowId, every, dueSince, enabled, JSON.stringify(payload)],
    );
    return rows[0]?.id ?? "";
  }

  /** Adds a number of the same. */
  async addMany(count: number, schedule: Schedule = {}): Promise<string[]> {
    const ids: string[] = [];
    for (let n = 0; n < count; n++) ids.push(await this.add(schedule));
    return ids;
  }

  async nextRun(id: string): Promise<Date> {
    const { rows } = await this.db.query<{ at: Date }>("select next_run_at as at from flow_schedules where id = $1", [
      id,
    ]);
    return rows[0]?.at ?? new Date(NaN);
  }

  async nextRuns(ids: readonly string[]): Promise<Date[]> {
    const times: Date[] = [];
    for (const id of ids) times.push(await this.nextRun(id));
    return times;
  }

  async dueCount(): Promise<number> {
    const { rows } = await this.db.query("select 1 from flow_schedules where enabled and next_run_at <= now()");
    return rows.length;
  }
}

/** A queue that keeps what it takes, in calls, and refuses what it is told to. */
export function fakeQueue(refuses: (message: FlowMessage) => string | undefined = () => undefined) {
  const calls: FlowMessage[][] = [];
  const send: Send<FlowMessage> = (messages) => {
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
