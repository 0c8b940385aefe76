import { Logger } from "@aws-lambda-powertools/logger";
import { Metrics, MetricUnit } from "@aws-lambda-powertools/metrics";
import { SQSClient } from "@aws-sdk/client-sqs";
import { type Context } from "aws-lambda";
import { CLIENT } from "../../common/aws-client";
import { databaseOfEnvironment } from "../../common/database-login";
import { sendTo, touch } from "../../common/queue";
import { required } from "../../common/required";
import { queueDue, type Outcome } from "./queue-due";

// Once per container.
const logger = new Logger();
const metrics = new Metrics();
const sqs = new SQSClient(CLIENT);
const queueUrl = required("QUEUE_URL");
const database = databaseOfEnvironment();

/**
 * Sends what is due in `events` to the queue. Safe to call at any time, by anybody, at once.
 * Environment: QUEUE_URL, DATABASE_SECRET_ARN. Metrics: EventsQueued, EventsRequeued (their message was lost).
 */
export async function handler(_event: unknown, context: Context): Promise<Outcome> {
  const db = await database.connect();
  try {
    const outcome = await queueDue(db, sendTo(sqs, queueUrl), { timeLeft: () => context.getRemainingTimeInMillis() });
    if (outcome.queued + outcome.requeued === 0) await touch(sqs, queueUrl);
    logger.info("due events queued", { ...outcome });
    metrics.addMetric("EventsQueued", MetricUnit.Count, outcome.queued);
    metrics.addMetric("EventsRequeued", MetricUnit.Count, outcome.requeued);
    return outcome;
  } finally {
    metrics.publishStoredMetrics();
    await db.end().catch(() => undefined);
  }
}
