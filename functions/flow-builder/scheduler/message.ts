/** A due row of `flow_schedules`, as the query returns it. */
export interface DueRow {
  readonly id: string;
  readonly flowId: string;
  /** ISO 8601 in UTC, with PostgreSQL's microseconds: a Date would cut them, and two due times could share a key. */
  readonly dueAt: string;
  /** JSON text, never parsed here: JavaScript would round its large numbers. */
  readonly payload: string;
}

/** What goes into the queue for one flow and one due time. */
export interface Message {
  readonly scheduleId: string;
  /** `<schedule id>:<due time>`. The queue may deliver twice, so may the scheduler: the consumer keeps the first. */
  readonly deduplicationKey: string;
  readonly body: string;
}

/** The message attribute that repeats the key, for consumers that decide before they parse the body. */
export const KEY_ATTRIBUTE = "DeduplicationKey";

/** Messages per SendMessageBatch: SQS's limit. */
export const MAX_BATCH_MESSAGES = 10;

/**
 * Bytes of one message, and of all messages of a SendMessageBatch together. SQS allows 1 MiB since August 2025; queues
 * made before, other consumers and the local AWS may still be set to 256 KiB.
 */
export const MAX_BATCH_BYTES = 256 * 1024;

export function toMessage({ id, flowId, dueAt, payload }: DueRow): Message {
  const deduplicationKey = `${id}:${dueAt}`;
  const envelope = JSON.stringify({ deduplicationKey, scheduleId: id, flowId, dueAt });
  const body = `${envelope.slice(0, -1)},"payload":${payload}}`;
  return { scheduleId: id, deduplicationKey, body: withoutNoncharacters(body) };
}

/** Bytes that SQS counts for a message: the body, and each attribute's name, type and value. */
export function sizeOf({ body, deduplicationKey }: Message): number {
  return Buffer.byteLength(body) + Buffer.byteLength(`${KEY_ATTRIBUTE}String${deduplicationKey}`);
}

/** SQS refuses these two characters, which JSON may carry as they are: written as JSON escapes they pass. */
function withoutNoncharacters(json: string): string {
  return json.replace(/[\ufffe\uffff]/g, (character) => `\\u${character.charCodeAt(0).toString(16)}`);
}
