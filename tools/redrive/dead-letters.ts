import {
  ChangeMessageVisibilityBatchCommand,
  GetQueueAttributesCommand,
  GetQueueUrlCommand,
  type Message,
  QueueDoesNotExist,
  ReceiveMessageCommand,
  type SQSClient,
} from "@aws-sdk/client-sqs";
import { Failure } from "../support/failure";

/** A queue as SQS knows it. */
export interface Place {
  readonly name: string;
  readonly url: string;
  readonly arn: string;
}

export interface Counts {
  /** Can be received now. */
  readonly waiting: number;
  /** Somebody holds them, or they are still delayed. */
  readonly held: number;
}

/** A dead letter that was looked at. */
export interface Letter {
  readonly id: string;
  /** The message attribute `reason`, which a consumer sets that gives up by itself. */
  readonly reason: string | undefined;
  readonly receives: number;
  readonly sent: Date;
  readonly body: string;
}

/** SQS gives this many at a time. */
const BATCH = 10;
/** Receives that may come back with less than what is wanted: SQS asks some of its servers only. */
const ATTEMPTS = 3;
/** Seconds that the sample is held, if this process dies before it lets go. */
const HOLD = 20;

/** @throws Failure when the queue is not there */
export async function findQueue(client: SQSClient, name: string, environment: string): Promise<Place> {
  try {
    const { QueueUrl: url = "" } = await client.send(new GetQueueUrlCommand({ QueueName: name }));
    const { Attributes } = await client.send(
      new GetQueueAttributesCommand({ QueueUrl: url, AttributeNames: ["QueueArn"] }),
    );
    return { name, url, arn: Attributes?.["QueueArn"] ?? "" };
  } catch (error) {
    if (!(error instanceof QueueDoesNotExist)) throw error;
    throw new Failure(`${name} is not in AWS: the stack is not deployed, or not under this prefix or system.`, {
      next: `npx cdktf plan ${environment}-stack`,
    });
  }
}

/** How many messages there are, about: SQS counts in the background. */
export async function countMessages(client: SQSClient, { url }: Place): Promise<Counts> {
  const names = [
    "ApproximateNumberOfMessages",
    "ApproximateNumberOfMessagesNotVisible",
    "ApproximateNumberOfMessagesDelayed",
  ] as const;
  const command = new GetQueueAttributesCommand({ QueueUrl: url, AttributeNames: [...names] });
  const { Attributes = {} } = await client.send(command);
  const [waiting = 0, inFlight = 0, delayed = 0] = names.map((name) => Number(Attributes[name] ?? 0));
  return { waiting, held: inFlight + delayed };
}

/** Looks at up to ten dead letters and lets go of them at once, so that the redrive takes them too. */
export async function sampleLetters(client: SQSClient, { url }: Place): Promise<Letter[]> {
  const received: Message[] = [];
  try {
    for (let attempt = 0; attempt < ATTEMPTS && received.length < BATCH; attempt += 1) {
      const { Messages = [] } = await client.send(
        new ReceiveMessageCommand({
          QueueUrl: url,
          MaxNumberOfMessages: BATCH - received.length,
          VisibilityTimeout: HOLD,
          WaitTimeSeconds: 0,
          MessageSystemAttributeNames: ["ApproximateReceiveCount", "SentTimestamp"],
          MessageAttributeNames: ["reason"],
        }),
      );
      received.push(...Messages);
    }
  } finally {
    if (received.length > 0) {
      const Entries = received.map(({ ReceiptHandle }, index) => ({
        Id: String(index),
        ReceiptHandle,
        VisibilityTimeout: 0,
      }));
      await client.send(new ChangeMessageVisibilityBatchCommand({ QueueUrl: url, Entries }));
    }
  }
  return received.map(({ MessageId = "", Attributes = {}, MessageAttributes = {}, Body = "" }) => ({
    id: MessageId,
    reason: MessageAttributes["reason"]?.StringValue,
    receives: Number(Attributes["ApproximateReceiveCount"] ?? 0),
    sent: new Date(Number(Attributes["SentTimestamp"] ?? 0)),
    body: Body,
  }));
}
