import * as z from "zod"; // As a namespace, which esbuild can shake: 140 kB less.
import { databaseOfEnvironment } from "../../common/database-login";
import { webhookConsumer } from "../../common/webhook/consumer";
import { Unreadable } from "../../common/webhook/delivery";

const MESSAGE = z.object({ eventId: z.uuid() });

/** Posts the webhooks of due events. Environment: that of `webhookConsumer`, and DATABASE_SECRET_ARN. */
export const handler = webhookConsumer({
  database: databaseOfEnvironment(),
  table: {
    name: "events",
    body: `json_build_object('eventId', id, 'payload', payload,
      'dueAt', to_char(due_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'))::text`,
    dueAt: "due_at",
  },
  idOf,
});

function idOf(body: string): Promise<string> {
  try {
    return Promise.resolve(MESSAGE.parse(JSON.parse(body)).eventId);
  } catch {
    return Promise.reject(new Unreadable(`the message names no event: expected {"eventId": "<uuid>"}`));
  }
}
