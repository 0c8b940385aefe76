import { type Message } from "../../common/queue";

/** A due row of `flow_schedules`, as the query returns it. */
export interface DueRow {
  readonly id: string;
  readonly flowId: string;
  /** ISO 8601 in UTC, with PostgreSQL's microseconds: a Date would cut them, and two due times could share a key. */
  readonly dueAt: string;
  /** JSON text, never parsed here: JavaScript would round its large numbers. */
  readonly payload: string;
}

/** What goes into the queue for one flow and one due time; the key is `<schedule id>:<due time>`. */
export interface FlowMessage extends Message {
  readonly scheduleId: string;
}

export function toMessage({ id, flowId, dueAt, payload }: DueRow): FlowMessage {
  const deduplicationKey = `${id}:${dueAt}`;
  const envelope = JSON.stringify({ deduplicationKey, scheduleId: id, flowId, dueAt });
  const body = `${envelope.slice(0, -1)},"payload":${payload}}`;
  return { scheduleId: id, deduplicationKey, body: withoutNoncharacters(body) };
}

/** SQS refuses these two characters, which JSON may carry as they are: written as JSON escapes they pass. */
function withoutNoncharacters(json: string): string {
  return json.replace(/[\ufffe\uffff]/g, (character) => `\\u${character.charCodeAt(0).toString(16)}`);
}
