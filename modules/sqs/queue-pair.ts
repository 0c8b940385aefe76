import { SqsQueue } from "@cdktf/provider-aws/lib/sqs-queue";
import { type ITerraformDependable } from "cdktf";
import { Construct } from "constructs";
import { checkInteger } from "../checks";
import { type Grantee } from "../iam";
import { type AlarmSpec, type Graph, type Monitored } from "../monitoring/alarm-spec";
import { PRIMARY, pathOf } from "../naming";
import { arnOf } from "../naming/arn";
import { DeadLetterQueue } from "./dead-letter-queue";
import { queueName, policyOf } from "./queue-settings";
import { queueAlarms, queueGraphs } from "./watch";

/** What every queue says, whatever its kind. */
export interface QueueProps {
  /** Seconds that a consumer may hold a message, 0 to 43200; 6 × the timeout of a Lambda consumer. @default 30 */
  readonly visibilityTimeout?: number;
  /** How often a message is tried before it is put among the dead letters, 1 to 1000. @default 5 */
  readonly maxReceives?: number;
  /** Seconds that every message waits before it can be received, 0 to 900. @default 0 */
  readonly delay?: number;
  /** Messages that may wait for ten minutes before somebody is told. @default 1000 */
  readonly backlog?: number;
}

/** A queue of either kind, as those see it who send to it or read it. */
export interface MessageQueue extends Construct, Monitored {
  readonly name: string;
  readonly url: string;
  readonly arn: string;
  /** Where the messages go that could not be processed. */
  readonly deadLetters: DeadLetterQueue;
  /** Seconds that a consumer may hold a message. */
  readonly visibilityTimeout: number;
  /** Whether it keeps the order of a group's messages. */
  readonly fifo: boolean;
  /** Lets others send, one message at a time or in batches, and look how full it is. */
  grantSend(...to: Grantee[]): void;
  /**
   * Lets others receive messages, hold them longer, and delete them when they are done.
   * @returns what an event source waits for: Lambda checks at once whether the function may receive
   */
  grantConsume(...to: Grantee[]): ITerraformDependable[];
}

export interface QueuePairProps extends QueueProps {
  /** What makes it a FIFO queue. @default a standard one */
  readonly fifo?: {
    readonly contentBasedDeduplication: boolean;
    readonly highThroughput: boolean;
  };
}

const DAY = 86_400;

/** What `Queue` and `FifoQueue` share: a queue and its dead letters, of one kind, encrypted at rest, closed to plain HTTP. */
export class QueuePair extends Construct implements MessageQueue {
  readonly name: string;
  readonly url: string;
  readonly arn: string;
  readonly deadLetters: DeadLetterQueue;
  readonly visibilityTimeout: number;
  readonly fifo: boolean;
  private readonly maxReceives: number;
  private readonly delay: number;
  private readonly backlog: number;

  constructor(scope: Construct, id: string, props: QueuePairProps = {}) {
    super(scope, id);
    const { visibilityTimeout = 30, maxReceives = 5, delay = 0, backlog = 1000, fifo } = props;
    this.visibilityTimeout = visibilityTimeout;
    this.maxReceives = maxReceives;
    this.delay = delay;
    this.backlog = backlog;
    this.fifo = fifo !== undefined;
    this.name = queueName(this, this.fifo);
    this.checkProps();

    const ownArn = arnOf(this, "sqs", this.name);
    this.deadLetters = new DeadLetterQueue(this, "dead-letters", { sourceArn: ownArn, fifo: this.fifo });
    const queue = new SqsQueue(this, PRIMARY, {
      name: this.name,
      ...(fifo && {
        fifoQueue: true,
        contentBasedDeduplication: fifo.contentBasedDeduplication,
        deduplicationScope: fifo.highThroughput ? "messageGroup" : "queue",
        fifoThroughputLimit: fifo.highThroughput ? "perMessageGroupId" : "perQueue",
      }),
      visibilityTimeoutSeconds: visibilityTimeout,
      ...(delay !== 0 && { delaySeconds: delay }),
      messageRetentionSeconds: 4 * DAY,
      receiveWaitTimeSeconds: 20, // The longest poll: fewer empty receives, which cost as much as full ones.
      sqsManagedSseEnabled: true,
      policy: policyOf(ownArn),
      redrivePolicy: JSON.stringify({ deadLetterTargetArn: this.deadLetters.arn, maxReceiveCount: maxReceives }),
    });
    this.url = queue.url;
    this.arn = queue.arn;
  }

  grantSend(...to: Grantee[]): void {
    const statement = { actions: ["sqs:SendMessage", "sqs:GetQueueAttributes"], resources: [this.arn] };
    for (const { role } of to) role.allow(`${pathOf(this).join("-")}-send`, statement);
  }

  grantConsume(...to: Grantee[]): ITerraformDependable[] {
    const actions = ["ReceiveMessage", "DeleteMessage", "ChangeMessageVisibility", "GetQueueAttributes"];
    const statement = { actions: actions.map((action) => `sqs:${action}`), resources: [this.arn] };
    return to.map(({ role }) => role.allow(`${pathOf(this).join("-")}-consume`, statement));
  }

  alarms(): AlarmSpec[] {
    return queueAlarms({ ...this.watched(), path: pathOf(this).join("/") });
  }

  graphs(): Graph[] {
    return queueGraphs(this.watched());
  }

  private watched() {
    const { name, deadLetters, maxReceives, visibilityTimeout, backlog } = this;
    return { name, deadLetters: deadLetters.name, maxReceives, visibilityTimeout, backlog };
  }

  private checkProps(): void {
    const what = (setting: string): string => `${pathOf(this).join("/")}: ${setting}`;
    const { visibilityTimeout, maxReceives, delay, backlog } = this;
    const longest = "SQS lets nobody hold a message for longer than 12 hours.";
    checkInteger(this, what("visibilityTimeout"), visibilityTimeout, 0, 43_200, longest, "seconds");
    const often = "Take 5, unless processing often fails for a short time.";
    checkInteger(this, what("maxReceives"), maxReceives, 1, 1000, often);
    const late = "What is due later belongs in a schedule or a table.";
    checkInteger(this, what("delay"), delay, 0, 900, late, "seconds");
    const least = "Take what its consumers do in ten minutes.";
    checkInteger(this, what("backlog"), backlog, 1, 1_000_000, least, "messages");
  }
}
