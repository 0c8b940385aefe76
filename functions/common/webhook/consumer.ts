import { BatchProcessor, EventType, processPartialResponse } from "@aws-lambda-powertools/batch";
import { Logger } from "@aws-lambda-powertools/logger";
import { Metrics, MetricUnit } from "@aws-lambda-powertools/metrics";
import { SQSClient } from "@aws-sdk/client-sqs";
import { type Context, type SQSBatchResponse, type SQSEvent, type SQSRecord } from "aws-lambda";
import { CLIENT } from "../aws-client";
import { type Database } from "../database";
import { required } from "../required";
import { readSecret } from "../secret";
import { WebhookClient } from "./client";
import { Delivery, Unfinished, type Result } from "./delivery";
import { Ledger, type WebhookTable } from "./ledger";
import { SourceQueue } from "./source-queue";

/** Milliseconds for which the signing secret is kept: a new one is used that much later. */
const SECRET_AGE = 300_000;

/** Seconds until the second attempt, where RETRY_SECONDS does not say. */
const FIRST_PAUSE = "30";

export interface WebhookConsumerProps {
  readonly database: Database;
  readonly table: WebhookTable;
  readonly idOf: (body: string) => Promise<string>;
}

/**
 * A Lambda handler that posts the webhooks of a queue's messages, ten at a time, and reports those that must come back.
 *
 * Environment: QUEUE_URL, DEAD_LETTER_QUEUE_URL, MAX_RECEIVES (the queue's maxReceiveCount), SIGNING_SECRET_ARN, and
 * if wanted RETRY_SECONDS (30: the pause before the second attempt; it doubles).
 *
 * Metrics (Powertools, embedded in the log): WebhookAttempts, WebhookSuccess, EventsProcessed (settled either way),
 * EventsFailed, DeliveryDelay (milliseconds from due to delivered).
 */
export function webhookConsumer({ database, table, idOf }: WebhookConsumerProps) {
  const logger = new Logger();
  const metrics = new Metrics();
  const queue = new SourceQueue(new SQSClient(CLIENT), {
    url: required("QUEUE_URL"),
    deadLetterUrl: required("DEAD_LETTER_QUEUE_URL"),
    maxReceives: positive("MAX_RECEIVES", required("MAX_RECEIVES")),
    firstPause: positive("RETRY_SECONDS", process.env["RETRY_SECONDS"] ?? FIRST_PAUSE),
  });
  const client = new WebhookClient({ signingSecret: kept(() => readSecret(required("SIGNING_SECRET_ARN"))) });
  const delivery = new Delivery({ idOf, ledger: new Ledger(database, table), client, queue });

  async function one(record: SQSRecord): Promise<void> {
    try {
      measure(metrics, await delivery.process(record).then((result) => (tell(logger, result), result)));
    } catch (error) {
      if (error instanceof Unfinished) {
        if (!error.busy) metrics.addMetric("WebhookAttempts", MetricUnit.Count, 1);
        logger.warn("comes back", { messageId: record.messageId, reason: error.message });
      } else logger.error("the message could not be processed", { messageId: record.messageId, error: error as Error });
      throw error;
    }
  }

  return async (event: SQSEvent, context: Context): Promise<SQSBatchResponse> => {
    logger.addContext(context);
    // Also where all of them come back: a receiver that fails is no error of this function, whose errors undo a release.
    const options = { context, throwOnFullBatchFailure: false };
    try {
      return await processPartialResponse(event, one, new BatchProcessor(EventType.SQS), options);
    } finally {
      metrics.publishStoredMetrics();
    }
  };
}

function measure(metrics: Metrics, result: Result): void {
  if (result.kind === "dropped") return;
  metrics.addMetric("WebhookAttempts", MetricUnit.Count, 1);
  metrics.addMetric("EventsProcessed", MetricUnit.Count, 1);
  if (result.kind === "failed") metrics.addMetric("EventsFailed", MetricUnit.Count, 1);
  else {
    metrics.addMetric("WebhookSuccess", MetricUnit.Count, 1);
    metrics.addMetric("DeliveryDelay", MetricUnit.Milliseconds, result.delay);
  }
}

function tell(logger: Logger, { kind, ...rest }: Result): void {
  if (kind === "failed") logger.error("failed", rest);
  else logger.info(kind, rest);
}

function kept(read: () => Promise<string>): () => Promise<string> {
  let value: Promise<string> | undefined;
  let until = 0;
  return () => {
    if (value && Date.now() < until) return value;
    until = Date.now() + SECRET_AGE;
    value = read();
    value.catch(() => (until = 0));
    return value;
  };
}

function positive(name: string, value: string): number {
  const number = Number(value);
  if (Number.isInteger(number) && number > 0) return number;
  throw new Error(`${name} must be a whole number above 0, got "${value}".`);
}
