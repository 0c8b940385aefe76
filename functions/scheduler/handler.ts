import { GetSecretValueCommand, SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import { SQSClient } from "@aws-sdk/client-sqs";
import { type Context } from "aws-lambda";
import { Database, trustedAuthorities } from "./database";
import { sendTo, touch } from "./queue";
import { sendDue, type Outcome } from "./schedule";

// Once per container. Two attempts of 3 s each: a call that hangs fails well before Lambda cuts the run off (MARGIN in
// schedule.ts). Without the last setting the SDK would only warn and wait on.
const client = {
  maxAttempts: 2,
  requestHandler: { connectionTimeout: 1_000, requestTimeout: 2_000, throwOnRequestTimeout: true },
};
const secretsManager = new SecretsManagerClient(client);
const sqs = new SQSClient(client);
const queueUrl = required("QUEUE_URL");
const database = new Database(databaseUrl, trustedAuthorities(process.env["NODE_EXTRA_CA_CERTS"]));

/**
 * Sends what is due in `flow_schedules` to the flows queue. Safe to call at any time, by anybody, at once.
 * Environment: QUEUE_URL, DATABASE_SECRET_ARN (a secret whose string is the URL of the database).
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

async function databaseUrl(): Promise<string> {
  const arn = required("DATABASE_SECRET_ARN");
  const { SecretString } = await secretsManager.send(new GetSecretValueCommand({ SecretId: arn }));
  if (!SecretString) throw new Error(`The secret ${arn} has no string: it must hold the URL of the database.`);
  return SecretString;
}

function required(name: string): string {
  const value = process.env[name];
  if (!value) throw new Error(`${name} is not set: the stack sets it in the function's environment.`);
  return value;
}
