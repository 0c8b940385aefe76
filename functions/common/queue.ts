import { GetQueueAttributesCommand, SendMessageBatchCommand, type SQSClient } from "@aws-sdk/client-sqs";

/** What goes into a queue once for one key. */
export interface Message {
  /** The queue may deliver twice, so may the sender: the consumer keeps the first. */
  readonly deduplicationKey: string;
  readonly body: string;
}

/**
 * Puts at most 10 messages of 256 KiB together into the queue. Resolves to those that the queue refused, with the
 * reason; rejects when the queue could not be asked, or may or may not have taken them.
 */
export type Send<M extends Message> = (messages: readonly M[]) => Promise<ReadonlyMap<M, string>>;

/** The message attribute that repeats the key, for consumers that decide before they parse the body. */
const KEY_ATTRIBUTE = "DeduplicationKey";

/** Messages per SendMessageBatch: SQS's limit. */
export const MAX_BATCH_MESSAGES = 10;

/**
 * Bytes of one message, and of all messages of a SendMessageBatch together. SQS allows 1 MiB since August 2025; queues
 * made before, other consumers and the local AWS may still be set to 256 KiB.
 */
export const MAX_BATCH_BYTES = 256 * 1024;

/** Bytes that SQS counts for a message: the body, and each attribute's name, type and value. */
export function sizeOf({ body, deduplicationKey }: Message): number {
  return Buffer.byteLength(body) + Buffer.byteLength(`${KEY_ATTRIBUTE}String${deduplicationKey}`);
}

/**
 * A `Send` into an SQS queue. SQS refuses a whole call for one message that it dislikes (too long for this queue, a
 * character it does not take): after such an error each message goes alone, so that one cannot hold up the others.
 * Rejects where no message is at fault: network, throttling, an error of SQS itself.
 */
export function sendTo<M extends Message>(client: SQSClient, queueUrl: string): Send<M> {
  const send: Send<M> = async (messages) => {
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

async function sendBatch<M extends Message>(client: SQSClient, queueUrl: string, messages: readonly M[]) {
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
