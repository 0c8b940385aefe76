import { type LookupAddress } from "node:dns";
import dns from "node:dns/promises";
import https from "node:https";
import { isIP } from "node:net";
import { type Readable } from "node:stream";
import { isPublic } from "./public-address";
import { signatureHeaders } from "./signature";

/** Milliseconds for one attempt, from the question to DNS to the answer. */
const TIMEOUT = 10_000;

/** Bytes of an answer that are read, and thrown away: a receiver may finish its sentence, not keep us. */
const MAX_ANSWER = 64 * 1024;

/** Answers that the same request will always get. What else is no success is tried again: a receiver being deployed says 401, 403 or 500. */
const HOPELESS = new Set([400, 404, 405, 410, 413, 414, 415, 422]);

export interface Webhook {
  /** The same for every attempt: by it a receiver knows what it has had already. */
  readonly id: string;
  readonly url: string;
  /** JSON. */
  readonly body: string;
}

/** What became of an attempt; `reason` is for people. */
export type Outcome =
  | { readonly kind: "delivered" }
  /** The next attempt may succeed. `after`: seconds that the receiver asks to wait. */
  | { readonly kind: "retry"; readonly reason: string; readonly after?: number }
  /** No attempt ever will. */
  | { readonly kind: "hopeless"; readonly reason: string };

export interface WebhookClientOptions {
  readonly signingSecret: () => Promise<string>;
  /** Every address of a name. @default the system's resolver */
  readonly resolve?: (host: string) => Promise<readonly LookupAddress[]>;
  /** Authorities that a receiver's certificate may come from, as PEM. @default Node's */
  readonly authorities?: readonly string[];
  /** Milliseconds for one attempt. @default 10000 */
  readonly timeout?: number;
}

/**
 * Posts webhooks to the public internet and to nowhere else: HTTPS only, to an address that was checked, whatever the
 * URL looks like and DNS says a moment later. A name that has one address inside a private network is refused with
 * all of its addresses. Redirects are not followed: where they lead, nobody has checked.
 */
export class WebhookClient {
  private readonly agent: https.Agent;
  private readonly timeout: number;

  constructor(private readonly options: WebhookClientOptions) {
    // No connection is kept: Lambda freezes between invocations, and a reset would look like the receiver's failure.
    this.agent = new https.Agent({ keepAlive: false, ...(options.authorities && { ca: [...options.authorities] }) });
    this.timeout = options.timeout ?? TIMEOUT;
  }

  /** One attempt; never throws for what the receiver does. @throws when the signing secret cannot be read */
  async post(webhook: Webhook): Promise<Outcome> {
    const secret = await this.options.signingSecret();
    const deadline = AbortSignal.timeout(this.timeout);
    try {
      if (!URL.canParse(webhook.url)) return refused("it is none");
      const url = new URL(webhook.url);
      const address = await this.address(url, deadline);
      if (typeof address !== "string") return address;
      return await this.send(webhook, url, address, secret, deadline);
    } catch (error) {
      if (deadline.aborted) return { kind: "retry", reason: `no answer within ${String(this.timeout / 1000)} s` };
      return { kind: "retry", reason: describe(error) };
    }
  }

  /** The one address that is connected to, or why there is none. */
  private async address(url: URL, deadline: AbortSignal): Promise<string | Outcome> {
    if (url.protocol !== "https:") return refused(`its scheme is ${url.protocol.slice(0, -1)}, not https`);
    if (url.username || url.password) return refused("it holds a login");
    const host = url.hostname.replace(/^\[|\]$/g, "");
    const found = isIP(host) ? [host] : (await within(deadline, this.resolve(host))).map(({ address }) => address);
    // Without the address: whoever reads the reason must not learn what our network's names stand for.
    if (!found.every(isPublic)) return refused(`${host} is not on the public internet`);
    // A VPC's NAT gateway passes IPv4 on.
    return (
      found.find((address) => isIP(address) === 4) ?? found[0] ?? { kind: "retry", reason: `${host} has no address` }
    );
  }

  private resolve(host: string): Promise<readonly LookupAddress[]> {
    return (this.options.resolve ?? ((name) => dns.lookup(name, { all: true })))(host);
  }

  private send(
    { id, body }: Webhook,
    url: URL,
    address: string,
    secret: string,
    signal: AbortSignal,
  ): Promise<Outcome> {
    const named = isIP(url.hostname.replace(/^\[|\]$/g, "")) === 0;
    return new Promise((resolve, reject) => {
      const request = https.request(
        {
          agent: this.agent,
          method: "POST",
          host: address, // Never a name: nothing is looked up any more.
          port: url.port || 443,
          path: `${url.pathname}${url.search}`,
          // The certificate must be the name's, not the address's.
          ...(named && { servername: url.hostname.replace(/\.$/, "") }),
          signal,
          headers: {
            host: url.host,
            "content-type": "application/json",
            "content-length": Buffer.byteLength(body),
            "user-agent": "Groundplan-Webhooks/1",
            "idempotency-key": id,
            ...signatureHeaders(secret, { id, body, now: new Date() }),
          },
        },
        (response) => {
          outcome = judge(response.statusCode ?? 0, response.headers);
          void finish(response).then(() => request.destroy());
        },
      );
      let outcome: Outcome | undefined;
      // Once there is a status, it does not matter how the answer ends.
      request.once("close", () => {
        if (outcome) resolve(outcome);
      });
      request.on("error", (error) => {
        if (!outcome) reject(error);
      });
      request.end(body);
    });
  }
}

/** Lets the receiver finish, within limits. */
async function finish(response: Readable): Promise<void> {
  let bytes = 0;
  try {
    for await (const chunk of response) if ((bytes += (chunk as Buffer).length) > MAX_ANSWER) break;
  } catch {
    // Broken off.
  }
}

function judge(status: number, headers: { readonly location?: string; readonly "retry-after"?: string }): Outcome {
  if (status >= 200 && status < 300) return { kind: "delivered" };
  const reason = `the receiver answered ${String(status)}`;
  if (status >= 300 && status < 400) {
    return { kind: "hopeless", reason: `${reason}: redirects are not followed (to ${headers.location ?? "nowhere"})` };
  }
  if (HOPELESS.has(status)) return { kind: "hopeless", reason };
  const after = Number(headers["retry-after"]);
  return { kind: "retry", reason, ...(after > 0 && { after }) };
}

function refused(why: string): Outcome {
  return { kind: "hopeless", reason: `the URL is refused: ${why}` };
}

function within<T>(signal: AbortSignal, work: Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    signal.addEventListener("abort", () => reject(new Error("timeout")), { once: true });
    work.then(resolve, reject);
  });
}

function describe(error: unknown): string {
  const { code, message } = error as NodeJS.ErrnoException;
  return code && !message.includes(code) ? `${code}: ${message}` : message;
}
