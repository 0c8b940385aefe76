import { ChangeMessageVisibilityCommand, SendMessageCommand, type SQSClient } from "@aws-sdk/client-sqs";
import { type SQSRecord } from "aws-lambda";

/** The attribute that says why a message is in the dead-letter queue. It stays when the message is sent back. */
const REASON = "Reason";

/** Seconds: SQS allows 12 hours, but the scheduler takes for lost what nobody had in hand for one. */
const LONGEST_PAUSE = 900;

export interface SourceQueueProps {
  readonly url: string;
  readonly deadLetterUrl: string;
  /** The queue's maxReceiveCount. */
  readonly maxReceives: number;
  /** Seconds until the second attempt; each further pause is twice as long, up to 15 minutes. */
  readonly firstPause: number;
}

/** The queue that a webhook's messages come from, and its dead-letter queue. */
export class SourceQueue {
  constructor(
    private readonly sqs: SQSClient,
    private readonly props: SourceQueueProps,
  ) {}

  /** Whether SQS would move the message to the dead-letter queue after this receive: without a reason, which only we know. */
  isLast(record: SQSRecord): boolean {
    return receives(record) >= this.props.maxReceives;
  }

  /** Whether somebody sent the message back from the dead-letter queue. */
  isRedriven(record: SQSRecord): boolean {
    return record.messageAttributes[REASON] !== undefined;
  }

  /** Puts a copy into the dead-letter queue, with the reason; the message itself is then to be deleted. */
  async deadLetter(record: SQSRecord, reason: string): Promise<void> {
    await this.sqs.send(
      new SendMessageCommand({
        QueueUrl: this.props.deadLetterUrl,
        MessageBody: record.body,
        MessageAttributes: { [REASON]: { DataType: "String", StringValue: sqsText(reason) } },
      }),
    );
  }

  /** Lets the message come back after a growing pause. Best effort: without it, it comes back after the visibility timeout. */
  async pause(record: SQSRecord, atLeast = 0): Promise<void> {
    const growing = this.props.firstPause * 2 ** (receives(record) - 1);
    // A fifth earlier or later, so that what failed together does not come back together.
    const seconds = Math.min(LONGEST_PAUSE, Math.max(atLeast, Math.round(growing * (0.8 + 0.4 * Math.random()))));
    await this.sqs
      .send(
        new ChangeMessageVisibilityCommand({
          QueueUrl: this.props.url,
          ReceiptHandle: record.receiptHandle,
          VisibilityTimeout: seconds,
        }),
      )
      .catch(() => undefined);
  }
}

function receives({ attributes }: SQSRecord): number {
  return Number(attributes.ApproximateReceiveCount);
}

/** What SQS takes in a message, at most 1,000 characters of it. */
function sqsText(text: string): string {
  return text.replace(/[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/gu, "?").slice(0, 1_000) || "unknown";
}
