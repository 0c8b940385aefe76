import { GetQueueAttributesCommand, SendMessageBatchCommand, type SQSClient } from "@aws-sdk/client-sqs";
import { KEY_ATTRIBUTE, type Message } from "./message";
import { type Send } from "./schedule";

/**
 * A `Send` into an SQS queue. SQS refuses a whole call for one message that it dislikes (too long for this queue, a
 * character it does not take): after such an error each message goes alone, so that one cannot hold up the others.
 * Rejects where no message is at fault: network, throttling, an error of SQS itself.
 */
export function sendTo(client: SQSClient, queueUrl: string): Send {
  const send: Send = async (messages) => {
    try {
      return await sendBatch(client, queueUrl, messages);
    } catch (error) {
      if (!blamesTheRequest(error)) throw error;
      if (messages.length === 1) return new Map(messages.map((message) => [message, describe(error)]));
      const alone = await Promise.all(messages.map((message) => send([message])));
      return new Map(alone.flatMap((refused) => [...refused]));
    }
  };
  return send;
}

/**
 * Any call at all: a queue that is empty and that nobody calls for six hours sends no metrics, and those wake the worker.
 * Needs sqs:GetQueueAttributes.
 */
export async function touch(client: SQSClient, queueUrl: string): Promise<void> {
  await client.send(new GetQueueAttributesCommand({ QueueUrl: queueUrl, AttributeNames: ["QueueArn"] }));
}

async function sendBatch(client: SQSClient, queueUrl: string, messages: readonly Message[]) {
  const { Successful = [], Failed = [] } = await client.send(
    new SendMessageBatchCommand({
      QueueUrl: queueUrl,
      Entries: messages.map(({ body, deduplicationKey }, index) => ({
        Id: String(index),
        MessageBody: body,
        MessageAttributes: { [KEY_ATTRIBUTE]: { DataType: "String", StringValue: deduplicationKey } },
      })),
    }),
  );
  const accepted = new Set(Successful.map(({ Id }) => Id));
  const reasons = new Map(Failed.map(({ Id, Code, Message }) => [Id, [Code, Message].filter(Boolean).join(": ")]));
  return new Map(
    messages.flatMap((message, index) => {
      const id = String(index);
      return accepted.has(id) ? [] : [[message, reasons.get(id) ?? "SQS did not say what became of it"]];
    }),
  );
}

function blamesTheRequest(error: unknown): boolean {
  const { $fault, name = "" } = error as { $fault?: string; name?: string };
  return $fault === "client" && !/Throttl|OverLimit|TooManyRequests/i.test(name);
}

function describe(error: unknown): string {
  return error instanceof Error ? `${error.name}: ${error.message}` : String(error);
}
