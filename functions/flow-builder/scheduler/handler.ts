import { SQSClient } from "@aws-sdk/client-sqs";
import { type Context } from "aws-lambda";
import { CLIENT } from "../../common/aws-client";
import { databaseOfEnvironment } from "../../common/database-login";
import { sendTo, touch } from "../../common/queue";
import { required } from "../../common/required";

import { sendDue, type Outcome } from "./schedule";

// Once per container.
const sqs = new SQSClient(CLIENT);
const queueUrl = required("QUEUE_URL");
const database = databaseOfEnvironment();

/**
 * Sends what is due in `flow_schedules` to the flows queue. Safe to call at any time, by anybody, at once.
 * Environment: QUEUE_URL, DATABASE_SECRET_ARN (see databaseOfEnvironment).
 */
export async function handler(_event: unknown, context: Context): Promise<Outcome> {
  const db = await database.connect();
  try {
    const outcome = await sendDue(db, sendTo(sqs, queueUrl), { timeLeft: () => context.getRemainingTimeInMillis() });
    if (outcome.sent === 0) await touch(sqs, queueUrl);
    console.log(JSON.stringify({ message: "due flows sent", ...outcome }));
    return outcome;
  } finally {
    await db.end().catch(() => undefined);
  }
}
