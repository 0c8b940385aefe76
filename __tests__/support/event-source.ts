import { DeleteMessageBatchCommand, type Message, ReceiveMessageCommand, type SQSClient } from "@aws-sdk/client-sqs";
import { type SQSBatchResponse, type SQSRecord } from "aws-lambda";

export type Invoke = (event: { readonly Records: readonly SQSRecord[] }) => Promise<SQSBatchResponse>;

/**
 * A queue as a function's event source with ReportBatchItemFailures: what is not reported is deleted, the rest and what
 * a function that failed had comes back. Each consumer takes a batch at a time, until `stop`.
 */
export class EventSource {
  private running = true;
  private readonly consumers: Promise<void>[];
  /** Invocations that failed as a whole. */
  failures = 0;

  constructor(
    private readonly sqs: SQSClient,
    private readonly queueUrl: string,
    consumers: readonly Invoke[],
  ) {
    this.consumers = consumers.map((invoke) => this.consume(invoke));
  }

  async stop(): Promise<void> {
    this.running = false;
    await Promise.all(this.consumers);
  }

  private async consume(invoke: Invoke): Promise<void> {
    while (this.running) {
      const Records = await receive(this.sqs, this.queueUrl);
      if (Records.length === 0) continue;
      try {
        const { batchItemFailures } = await invoke({ Records });
        const failed = new Set(batchItemFailures.map(({ itemIdentifier }) => itemIdentifier));
        await remove(
          this.sqs,
          this.queueUrl,
          Records.filter(({ messageId }) => !failed.has(messageId)),
        );
      } catch {
        this.failures++;
      }
    }
  }
}

/** At most ten messages as a function gets them; none after a second. */
export async function receive(sqs: SQSClient, QueueUrl: string): Promise<SQSRecord[]> {
  const { Messages = [] } = await sqs.send(
    new ReceiveMessageCommand({
      QueueUrl,
      MaxNumberOfMessages: 10,
      WaitTimeSeconds: 1,
      MessageSystemAttributeNames: ["All"],
      MessageAttributeNames: ["All"],
    }),
  );
  return Messages.map(record);
}

export async function remove(sqs: SQSClient, QueueUrl: string, records: readonly SQSRecord[]): Promise<void> {
  if (records.length === 0) return;
  const Entries = records.map(({ receiptHandle }, n) => ({ Id: String(n), ReceiptHandle: receiptHandle }));
  await sqs.send(new DeleteMessageBatchCommand({ QueueUrl, Entries }));
}

function record({ MessageId, ReceiptHandle, Body, Attributes, MessageAttributes = {} }: Message): SQSRecord {
  const attributes = Object.entries(MessageAttributes).map(([name, { DataType, StringValue }]) => [
    name,
    { dataType: DataType, stringValue: StringValue },
  ]);
  return {
    messageId: MessageId ?? "",
    receiptHandle: ReceiptHandle ?? "",
    body: Body ?? "",
    attributes: Attributes as unknown as SQSRecord["attributes"],
    messageAttributes: Object.fromEntries(attributes) as SQSRecord["messageAttributes"],
    md5OfBody: "",
    eventSource: "aws:sqs",
    eventSourceARN: "",
    awsRegion: "",
  };
}
