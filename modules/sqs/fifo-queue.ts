import { type ITerraformDependable } from "cdktf";
import { Construct } from "constructs";
import { check } from "../checks";
import { type Grantee } from "../iam";
import { type AlarmSpec, type Graph } from "../monitoring/alarm-spec";
import { PRIMARY, pathOf } from "../naming";
import { type DeadLetterQueue } from "./dead-letter-queue";
import { type MessageQueue, QueuePair, type QueueProps } from "./queue-pair";

export interface FifoQueueProps extends QueueProps {
  /**
   * Whether a message that equals one of the last five minutes is dropped, by the SHA-256 of its body; else senders give
   * each a deduplication id of its own. @default false
   */
  readonly contentBasedDeduplication?: boolean;
  /**
   * Whether the limit of 300 sends, receives and deletes a second (3000 messages in batches) is each message group's instead of
   * the queue's; duplicates are then looked for in the group only. @default false
   */
  readonly highThroughput?: boolean;
  /** Refused: a delay of single messages would change their order. `delay` is for all of them. */
  readonly messageDelay?: undefined;
}

/**
 * A queue that delivers the messages of a group in the order of sending, one after another, and each once. A message that
 * fails holds up its group until it is among the dead letters, which are a FIFO queue too; else as `Queue`.
 */
export class FifoQueue extends Construct implements MessageQueue {
  /** Ends in ".fifo". */
  readonly name: string;
  readonly url: string;
  readonly arn: string;
  readonly deadLetters: DeadLetterQueue;
  readonly visibilityTimeout: number;
  readonly fifo = true;
  private readonly pair: QueuePair;

  constructor(scope: Construct, id: string, props: FifoQueueProps = {}) {
    super(scope, id);
    const { contentBasedDeduplication = false, highThroughput = false, messageDelay, ...common } = props;
    check(this, messageDelay === undefined, {
      what: `${pathOf(this).join("/")}: messageDelay`,
      got: messageDelay,
      expected: "no delay of single messages: SQS refuses it on a FIFO queue, where it would change their order",
      fix: "Take delay, which holds all messages back, or a Queue.",
    });
    this.pair = new QueuePair(this, PRIMARY, { ...common, fifo: { contentBasedDeduplication, highThroughput } });
    this.name = this.pair.name;
    this.url = this.pair.url;
    this.arn = this.pair.arn;
    this.deadLetters = this.pair.deadLetters;
    this.visibilityTimeout = this.pair.visibilityTimeout;
  }

  grantSend(...to: Grantee[]): void {
    this.pair.grantSend(...to);
  }

  grantConsume(...to: Grantee[]): ITerraformDependable[] {
    return this.pair.grantConsume(...to);
  }

  alarms(): AlarmSpec[] {
    return this.pair.alarms();
  }

  graphs(): Graph[] {
    return this.pair.graphs();
  }
}
