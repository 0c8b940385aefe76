import { createHmac } from "node:crypto";

/**
 * The headers by which a receiver knows who sent a webhook and when (standardwebhooks.com): HMAC-SHA256 over
 * "<id>.<seconds>.<body>" in base64. A receiver refuses what is older than some minutes, so that nobody can replay it.
 *
 * @param secret a text, of which the UTF-8 bytes are the key, or `whsec_` and the key in base64
 */
export function signatureHeaders(
  secret: string,
  { id, body, now }: { readonly id: string; readonly body: string; readonly now: Date },
): Record<string, string> {
  const seconds = String(Math.floor(now.getTime() / 1000));
  const signature = createHmac("sha256", keyOf(secret)).update(`${id}.${seconds}.${body}`).digest("base64");
  return { "webhook-id": id, "webhook-timestamp": seconds, "webhook-signature": `v1,${signature}` };
}

function keyOf(secret: string): Buffer {
  const prefix = "whsec_";
  return secret.startsWith(prefix) ? Buffer.from(secret.slice(prefix.length), "base64") : Buffer.from(secret);
}
