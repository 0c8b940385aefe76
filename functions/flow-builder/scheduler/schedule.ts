import { type ClientBase } from "pg";
import { MAX_BATCH_BYTES, MAX_BATCH_MESSAGES, sizeOf, type Send } from "../../common/queue";
import { inTransaction } from "../../common/transaction";
import { toMessage, type DueRow, type FlowMessage } from "./message";

export interface SendDueOptions {
  /** Milliseconds that the invocation may still run: Lambda's `context.getRemainingTimeInMillis`. */
  readonly timeLeft: () => number;
}

export interface Outcome {
  /** Due times that the queue has. */
  readonly sent: number;
  /** False when the time was up first, or the queue out of reach: the rest is sent by the next run. */
  readonly complete: boolean;
}

/** Some due times are not in the queue; all others are, and their rows are moved on. */
export class NotSent extends Error {
  constructor(
    readonly outcome: Outcome,
    /** Deduplication key to reason. */
    readonly failures: ReadonlyMap<string, string>,
  ) {
    const shown = [...failures].slice(0, 10).map(([key, reason]) => `${key}: ${reason}`);
    const more = failures.size > shown.length ? [`and ${String(failures.size - shown.length)} more`] : [];
    super(
      `${String(failures.size)} due flows were not sent, ${String(outcome.sent)} were. ${[...shown, ...more].join("; ")}`,
    );
    this.name = "NotSent";
  }
}

/** No batch is begun with less, in milliseconds: a call to SQS takes 6 s when it fails slowly (see CLIENT). */
const MARGIN = 10_000;

/** Rows that another scheduler holds are skipped: it sends them. `$1` are the rows that failed in this run. */
const DUE = `
  select id, flow_id as "flowId", payload::text,
         to_char(next_run_at, 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') as "dueAt"
  from flow_schedules
  where enabled and next_run_at <= now() and id <> all($1::uuid[])
  order by next_run_at, id
  limit ${String(MAX_BATCH_MESSAGES)}
  for update skip locked`;

/** To the first time of the grid that is after now: runs missed in an outage are one late run, not a burst. */
const MOVE_ON = `
  update flow_schedules set next_run_at = date_bin(every, now(), next_run_at) + every
  where id = any($1::uuid[])`;

/**
 * Sends every due row of `flow_schedules`, and moves it on to its next time.
 *
 * One transaction per batch holds the rows from before they are sent until they are moved on. A crash in between
 * rolls back, so that the same due time is sent again under the same key; never under another, never lost.
 *
 * - A row that the queue refuses stays due: it is left out for the rest of this run and tried again in the next.
 * - A row too large for the queue can never be sent (the table refuses such payloads; an altered table may not): it is
 *   moved on and reported at each due time, until somebody shortens its payload.
 * - When the queue is out of reach, the run ends.
 *
 * @throws NotSent at the end, when anything was not sent, after all else was committed
 */
export async function sendDue(db: ClientBase, send: Send<FlowMessage>, { timeLeft }: SendDueOptions): Promise<Outcome> {
  const failures = new Map<string, string>();
  const leftOut: string[] = [];
  let sent = 0;
  let more = true;
  let reachable = true;

  do {
    await inTransaction(db, async () => {
      const { rows } = await db.query<DueRow>(DUE, [leftOut]);
      const messages = rows.map(toMessage);
      const tooLarge = messages.filter((message) => sizeOf(message) > MAX_BATCH_BYTES);
      const batch = firstThatFit(messages.filter((message) => !tooLarge.includes(message)));

      const refused =
        batch.length === 0
          ? new Map<FlowMessage, string>()
          : await send(batch).catch((error: unknown) => {
              reachable = false;
              return new Map(batch.map((message) => [message, String(error)]));
            });
      for (const [message, reason] of refused) {
        failures.set(message.deduplicationKey, reason);
        leftOut.push(message.scheduleId);
      }
      for (const message of tooLarge) {
        failures.set(
          message.deduplicationKey,
          `${String(sizeOf(message))} bytes, the most is ${String(MAX_BATCH_BYTES)}`,
        );
      }

      const accepted = batch.filter((message) => !refused.has(message));
      await db.query(MOVE_ON, [[...accepted, ...tooLarge].map((message) => message.scheduleId)]);
      sent += accepted.length;
      more = rows.length > 0;
    });
  } while (more && reachable && timeLeft() > MARGIN);

  const outcome = { sent, complete: !more };
  if (failures.size > 0) throw new NotSent(outcome, failures);
  return outcome;
}

function firstThatFit(messages: readonly FlowMessage[]): FlowMessage[] {
  let bytes = 0;
  const end = messages.findIndex((message) => (bytes += sizeOf(message)) > MAX_BATCH_BYTES);
  return end < 0 ? [...messages] : messages.slice(0, end);
}
