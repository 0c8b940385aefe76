import * as z from "zod"; // As a namespace, which esbuild can shake: 140 kB less.
import { type Database } from "../../common/database";
import { Unreadable } from "../../common/webhook/delivery";

/** Bytes of a payload as JSON. */
const MAX_PAYLOAD = 64 * 1024;

const NOTIFICATION = z.strictObject({
  id: z.uuid(),
  channel: z.literal("webhook"),
  url: z.url({ protocol: /^https$/ }).max(2048),
  payload: z
    .unknown()
    .transform((value) => JSON.stringify(value) ?? "")
    .refine(
      (text) => text !== "" && Buffer.byteLength(text) <= MAX_PAYLOAD,
      `JSON of at most ${String(MAX_PAYLOAD)} bytes`,
    ),
});

/**
 * Keeps the notification of a message at its first receipt, and tells its id. Of two messages with one id the first counts.
 * @throws Unreadable when it is none, with every field that is wrong
 */
export async function accept(database: Database, body: string): Promise<string> {
  const notification = NOTIFICATION.safeParse(parsed(body));
  if (!notification.success) {
    const wrong = notification.error.issues.map(({ path, message }) => `${path.join(".") || "message"}: ${message}`);
    throw new Unreadable(`the message is no notification: ${wrong.join("; ")}`);
  }
  const { id, url, payload } = notification.data;
  await database.query("insert into notifications (id, url, payload) values ($1, $2, $3) on conflict (id) do nothing", [
    id,
    url,
    payload,
  ]);
  return id;
}

function parsed(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return undefined;
  }
}
