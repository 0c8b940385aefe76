import { isIP } from "node:net";
import { type APIGatewayProxyEventV2 } from "aws-lambda";
import * as z from "zod"; // As a namespace, which esbuild can shake: 140 kB less.
import { isPublic } from "../../common/webhook/public-address";
import { type FieldError, Problem } from "./problem";

/** Bytes of a payload as JSON: with its envelope far below what Lambda and receivers take. */
const MAX_PAYLOAD = 64 * 1024;

/** Bytes of a request: the payload may be written with spaces. */
const MAX_BODY = 2 * MAX_PAYLOAD;

/** Whoever writes or reads JSON recursively, as PostgreSQL does, runs out of stack at some depth. */
const MAX_DEPTH = 100;

const DAY = 86_400_000;

/** The earliest and latest due time: a clock may be slow by five minutes, and nobody plans beyond a year. */
const EARLIEST = -300_000;
const LATEST = 366 * DAY;

export interface NewEvent {
  readonly url: string;
  readonly dueAt: Date;
  /** JSON. */
  readonly payload: string;
  readonly clientKey?: string;
}

const URL_EXPECTED = "an https:// URL of the public internet, without login and fragment, of at most 2048 characters";
const PAYLOAD_EXPECTED = `JSON of at most ${String(MAX_PAYLOAD)} bytes, nested at most ${String(MAX_DEPTH)} deep`;

/** @param now against which the due time is held */
const body = (now: Date) =>
  z.strictObject({
    url: z.string(URL_EXPECTED).refine(isWebhookUrl, URL_EXPECTED),
    dueAt: z.iso
      .datetime({ offset: true, error: "a time with its offset, as 2030-01-31T08:00:00Z" })
      .transform((text) => new Date(text))
      .refine(
        (at) => at.getTime() >= now.getTime() + EARLIEST && at.getTime() <= now.getTime() + LATEST,
        "a time from now to 366 days ahead",
      ),
    payload: z
      .unknown()
      .refine((value) => value !== undefined && isShallow(value, MAX_DEPTH), PAYLOAD_EXPECTED)
      .transform((value) => JSON.stringify(value))
      .refine((text) => Buffer.byteLength(text) <= MAX_PAYLOAD, PAYLOAD_EXPECTED),
  });

const CLIENT_KEY = z.string().regex(/^[\x21-\x7e]{1,255}$/, "1 to 255 printable ASCII characters without spaces");

/**
 * The event that a request asks for. The address behind the URL's name is checked when it is posted to, not here:
 * until then DNS may say something else.
 * @throws Problem that tells every field that is wrong
 */
export function newEvent(request: APIGatewayProxyEventV2, now: Date): NewEvent {
  const { headers } = request;
  const type = headers["content-type"] ?? "";
  if (!/^application\/(\w+\+)?json\s*(;|$)/i.test(type)) {
    throw new Problem(415, `The content type is "${type.slice(0, 100)}", expected application/json.`);
  }
  const text = request.isBase64Encoded ? Buffer.from(request.body ?? "", "base64").toString() : (request.body ?? "");
  if (Buffer.byteLength(text) > MAX_BODY) {
    throw new Problem(413, `The body has ${String(Buffer.byteLength(text))} bytes, the most is ${String(MAX_BODY)}.`);
  }
  const got = parsed(text);
  const event = body(now).safeParse(got);
  const key = CLIENT_KEY.optional().safeParse(headers["idempotency-key"]);
  const errors = [
    ...(event.error?.issues ?? []).flatMap((issue) => fieldErrors(issue, got)),
    ...(key.error?.issues ?? []).map(({ message }) => ({
      field: "header Idempotency-Key",
      got: short(headers["idempotency-key"]),
      expected: message,
    })),
  ];
  if (!event.success || !key.success) throw new Problem(400, "The event cannot be taken as it is.", errors);
  return { ...event.data, ...(key.data !== undefined && { clientKey: key.data }) };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new Problem(400, `The body is no JSON: ${(error as Error).message}.`);
  }
}

function fieldErrors(issue: z.core.$ZodIssue, body: unknown): FieldError[] {
  if (issue.code === "unrecognized_keys") {
    const expected = "no other fields than url, dueAt and payload";
    return issue.keys.map((field) => ({ field, got: short(field), expected }));
  }
  const field = String(issue.path[0] ?? "body");
  const value = issue.path.length > 0 ? (body as Record<string, unknown>)[field] : body;
  return [{ field, got: short(value), expected: issue.path.length > 0 ? issue.message : "an object" }];
}

function short(value: unknown): string {
  const text = value === undefined ? "nothing" : typeof value === "string" ? value : JSON.stringify(value);
  return text.length > 100 ? `${text.slice(0, 99)}…` : text;
}

function isWebhookUrl(text: string): boolean {
  if (text.length > 2048 || !URL.canParse(text)) return false;
  const { protocol, username, password, hash, hostname, href } = new URL(text);
  const host = hostname.replace(/^\[|\]$/g, "");
  const reachable = isIP(host) === 0 || isPublic(host);
  return protocol === "https:" && href.length <= 2048 && !username && !password && !hash && reachable;
}

function isShallow(value: unknown, levels: number): boolean {
  if (typeof value !== "object" || value === null) return true;
  return levels > 0 && Object.values(value).every((inner) => isShallow(inner, levels - 1));
}
