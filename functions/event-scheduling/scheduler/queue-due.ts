import { type ClientBase } from "pg";
import { MAX_BATCH_MESSAGES, type Message, type Send } from "../../common/queue";
import { inTransaction } from "../../common/transaction";

export interface QueueDueOptions {
  /** Milliseconds that the invocation may still run: Lambda's `context.getRemainingTimeInMillis`. */
  readonly timeLeft: () => number;
}

export interface Outcome {
  /** Events that are in the queue for the first time. */
  readonly queued: number;
  /** Events that are in the queue again: nobody had their message in hand for an hour. */
  readonly requeued: number;
  /** False when the time was up first: the next run goes on. */
  readonly complete: boolean;
}

/** Rows of a transaction, sent in calls of 10 at once. */
const ROWS = 10 * MAX_BATCH_MESSAGES;

/** No batch is begun with less, in milliseconds: a call to SQS takes 6 s when it fails slowly (see CLIENT). */
const MARGIN = 10_000;

/**
 * A message is lost after it: the longest pause between two attempts is 15 minutes, and every attempt touches the row.
 * A queue with a longer backlog gets a second message, which finds its event settled, or under way, and does nothing.
 */
const LOST_AFTER = "1 hour";

/** Rows that another scheduler holds are skipped: it sends them. `$1` are those that the queue refused in this run. */
const DUE = `
  (select id, status from events
   where status = 'pending' and due_at <= now() and id <> all($1::uuid[])
   order by due_at, id limit ${String(ROWS)} for update skip locked)`;

const LOST = `
  (select id, status from events
   where (status = 'queued' or (status = 'failed' and not dead_lettered))
     and touched_at < now() - interval '${LOST_AFTER}' and id <> all($1::uuid[])
   order by touched_at, id limit ${String(ROWS)} for update skip locked)`;

/** A failed one stays failed: its message only takes it to the dead-letter queue. */
const QUEUED = `
  update events set touched_at = now(), status = case when status = 'pending' then 'queued' else status end
  where id = any($1::uuid[])`;

/**
 * Sends every due event to the queue, and every one whose message was lost again.
 *
 * A transaction holds its rows from before they are sent until they are marked. A crash in between rolls back, so that
 * an event may be sent twice, but never not at all; the delivery makes one attempt at a time, under one key.
 *
 * @throws Error at the end, when the queue refused some or was out of reach, after all else was committed
 */
export async function queueDue(db: ClientBase, send: Send<Message>, { timeLeft }: QueueDueOptions): Promise<Outcome> {
  const refused = new Map<string, string>();
  let queued = 0;
  let requeued = 0;
  let complete = true;

  for (const query of [DUE, LOST]) {
    let more = false;
    do {
      await inTransaction(db, async () => {
        const { rows } = await db.query<{ id: string; status: string }>(query, [[...refused.keys()]]);
        const failures = await sendAll(rows.map(toMessage), send);
        for (const [id, reason] of failures) refused.set(id, reason);
        const sent = rows.filter(({ id }) => !failures.has(id));
        await db.query(QUEUED, [sent.map(({ id }) => id)]);
        const fresh = sent.filter(({ status }) => status === "pending").length;
        queued += fresh;
        requeued += sent.length - fresh;
        more = rows.length > 0 && failures.size < rows.length;
      });
    } while (more && timeLeft() > MARGIN);
    complete &&= !more;
  }

  if (refused.size > 0) {
    const [first] = refused;
    throw new Error(
      `${String(refused.size)} events were not queued, ${String(queued + requeued)} were. ${first?.join(": ") ?? ""}`,
    );
  }
  return { queued, requeued, complete };
}

/** In calls of ten, at once; the ids of those that the queue does not have, with the reason. */
async function sendAll(messages: readonly Message[], send: Send<Message>): Promise<ReadonlyMap<string, string>> {
  const calls = Array.from({ length: Math.ceil(messages.length / MAX_BATCH_MESSAGES) }, (_, n) =>
    messages.slice(n * MAX_BATCH_MESSAGES, (n + 1) * MAX_BATCH_MESSAGES),
  );
  const failures = await Promise.all(
    calls.map((call) =>
      send(call).then(
        (map) => [...map].map(([{ deduplicationKey }, reason]) => [deduplicationKey, reason] as const),
        (error: unknown) => call.map(({ deduplicationKey }) => [deduplicationKey, String(error)] as const),
      ),
    ),
  );
  return new Map(failures.flat());
}

function toMessage({ id }: { readonly id: string }): Message {
  return { deduplicationKey: id, body: JSON.stringify({ eventId: id }) };
}
