import { randomUUID } from "node:crypto";
import { type APIGatewayProxyStructuredResultV2, type SQSBatchResponse } from "aws-lambda";
import { until } from "../e2e/support/steps";
import { EventSource } from "./event-source";
import { type LambdaProcess } from "./lambda-process";
import { type Received } from "./webhook-receiver";
import { type WebhookSystem } from "./webhook-system";

/** What a receiver does at every attempt for an event, and why it is in the dead-letter queue. */
const POISON = {
  gone: /answered 410$/,
  broken: /answered 500 \(attempt \d+, the last\)$/,
  redirected: /answered 302: redirects are not followed/,
  inside: /is not on the public internet$/,
} as const;
type Kind = keyof typeof POISON | "good";

/** The part of the attempts that fail for good events: half of them after the receiver has taken the event. */
const FAILING = 0.2;
/** Attempts that may fail for a good event, so that it is not given up by chance. */
const MOST_FAILURES = 3;

export interface Storm {
  readonly events: number;
  /** Ends a scheduler and a delivery in the middle of their work, as Lambda does out of memory. */
  readonly kills: boolean;
}

export interface Aftermath {
  /** Paths of the events that a receiver took, by the webhook's idempotency key: one that has the key takes nothing. */
  readonly accepted: ReadonlyMap<string, string>;
  /** Keys of all attempts, by path. */
  readonly keys: ReadonlyMap<string, ReadonlySet<string>>;
  readonly attempts: number;
  readonly failures: number;
}

/** Event number n: every fiftieth is poison. */
export const kindOf = (n: number): Kind =>
  n % 50 === 0 ? ((Object.keys(POISON) as (keyof typeof POISON)[])[(n / 50) % 4] ?? "gone") : "good";
export const reasonOf = (n: number): RegExp => POISON[kindOf(n) as keyof typeof POISON];

/** Posts events through the API, all due, and delivers them until none is left to be settled. */
export async function storm(system: WebhookSystem, { events, kills }: Storm): Promise<Aftermath & { ids: string[] }> {
  const aftermath = receiveAll(system);
  const ids = await post(system, events);

  const schedulers = [
    await system.function("event-scheduling/scheduler"),
    await system.function("event-scheduling/scheduler"),
  ];
  const deliveries = await Promise.all([1, 2, 3].map(() => system.function("event-scheduling/delivery")));
  const source = new EventSource(
    system.sqs,
    system.env["QUEUE_URL"] ?? "",
    deliveries.map((_, n) => (event) => (deliveries[n] as LambdaProcess).invoke<SQSBatchResponse>(event)),
  );

  const schedule = (scheduler: LambdaProcess) => scheduler.invoke({}).catch(() => undefined);
  const runs = schedulers.map(schedule);
  if (kills) {
    await until("some events are queued", 300, async () => ((await count(system, "queued")) > 200 ? true : undefined));
    const [killed] = deliveries;
    // Lambda starts another container; what the killed one had in hand comes back after the visibility timeout.
    deliveries[0] = await system.function("event-scheduling/delivery");
    await Promise.all([schedulers[0]?.kill(), killed?.kill()]);
  }
  await Promise.all(runs);
  const [, scheduler] = schedulers as [LambdaProcess, LambdaProcess];
  await until("every event is settled", 2_400, async () => {
    await schedule(scheduler);
    return (await count(system, "pending", "queued")) === 0 ? true : undefined;
  });
  await source.stop();
  return { ...aftermath(), ids };
}

async function count({ postgres }: WebhookSystem, ...statuses: string[]): Promise<number> {
  const sql = "select count(*)::int as n from events where status = any($1)";
  return (await postgres.admin.query<{ n: number }>(sql, [statuses])).rows[0]?.n ?? NaN;
}

async function post(system: WebhookSystem, events: number): Promise<string[]> {
  const api = await system.function("event-scheduling/api");
  const one = async (n: number): Promise<string> => {
    const url = kindOf(n) === "inside" ? `https://localhost/${String(n)}` : system.receiver.url(`/${String(n)}`);
    const { statusCode, body } = await api.invoke<APIGatewayProxyStructuredResultV2>({
      routeKey: "POST /events",
      headers: { "content-type": "application/json", "idempotency-key": randomUUID() },
      body: JSON.stringify({ url, dueAt: new Date().toISOString(), payload: { n } }),
    });
    if (statusCode !== 201) throw new Error(`POST /events answered ${String(statusCode)}: ${body ?? ""}`);
    return (JSON.parse(body ?? "") as { id: string }).id;
  };
  return Promise.all(Array.from({ length: events }, (_, n) => one(n)));
}

/** Lets the receiver take every good event once, and fail as often as it should. */
function receiveAll({ receiver }: WebhookSystem): () => Aftermath {
  const accepted = new Map<string, string>();
  const keys = new Map<string, Set<string>>();
  let attempts = 0;
  let failures = 0;
  receiver.answer = ({ path, headers }: Received, response) => {
    receiver.received.length = 0;
    const key = String(headers["idempotency-key"]);
    const known = keys.get(path) ?? new Set<string>();
    keys.set(path, known.add(key));
    attempts++;
    switch (kindOf(Number(path.slice(1)))) {
      case "gone":
        return 410;
      case "broken":
        return 500;
      case "redirected":
        response.writeHead(302, { location: "http://169.254.169.254/" }).end();
        return undefined;
    }
    const mine = (tries.get(path) ?? 0) + 1;
    tries.set(path, mine);
    const fails = mine <= MOST_FAILURES && Math.random() < FAILING;
    const takes = !fails || Math.random() < 0.5;
    if (takes && !accepted.has(key)) accepted.set(key, path);
    if (!fails) return 204;
    failures++;
    // Half of the failures are an answer, half of them none at all.
    if (Math.random() < 0.5) return 503;
    response.destroy();
    return undefined;
  };
  const tries = new Map<string, number>();
  return () => ({ accepted, keys, attempts, failures });
}
