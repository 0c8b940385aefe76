import { SqsQueue } from "@cdktf/provider-aws/lib/sqs-queue";
import { type ITerraformDependable } from "cdktf";
import { Construct } from "constructs";
import { checkInteger } from "../checks";
import { type Grantee } from "../iam";
import { type AlarmSpec, type Graph, type Metric, type Monitored } from "../monitoring/alarm-spec";
import { PRIMARY, pathOf, physicalName } from "../naming";
import { arnOf } from "../naming/arn";

export interface QueueProps {
  /** Seconds that a consumer may hold a message, 0 to 43200; 6 × the timeout of a Lambda consumer. @default 30 */
  readonly visibilityTimeout?: number;
  /** How often a message is tried before it is put among the dead letters, 1 to 1000. @default 5 */
  readonly maxReceives?: number;
}

/** Where the messages go that could not be processed. */
export interface DeadLetters {
  readonly name: string;
  readonly arn: string;
  readonly url: string;
}

const DAY = 86_400;
const NAME_LENGTH = { max: 80 };
/** Seconds that a message may wait for a consumer before somebody is called. */
const LATE = 900;
/** Messages that may wait for ten minutes. */
const BACKLOG = 1000;

/** A queue that is never without a dead-letter queue; both are encrypted at rest, and refuse plain HTTP. */
export class Queue extends Construct implements Monitored {
  readonly name: string;
  readonly url: string;
  readonly arn: string;
  readonly deadLetters: DeadLetters;
  /** Seconds that a consumer may hold a message. */
  readonly visibilityTimeout: number;
  private readonly maxReceives: number;

  constructor(scope: Construct, id: string, props: QueueProps = {}) {
    super(scope, id);
    const { visibilityTimeout = 30, maxReceives = 5 } = props;
    this.visibilityTimeout = visibilityTimeout;
    this.maxReceives = maxReceives;
    this.name = physicalName(this, NAME_LENGTH);
    this.checkProps();

    const ownArn = arnOf(this, "sqs", this.name);
    this.deadLetters = this.deadLetterQueue(ownArn);
    const queue = new SqsQueue(this, PRIMARY, {
      name: this.name,
      visibilityTimeoutSeconds: visibilityTimeout,
      messageRetentionSeconds: 4 * DAY,
      receiveWaitTimeSeconds: 20, // The longest poll: fewer empty receives, which cost as much as full ones.
      sqsManagedSseEnabled: true,
      policy: tlsOnly(ownArn),
      redrivePolicy: JSON.stringify({ deadLetterTargetArn: this.deadLetters.arn, maxReceiveCount: maxReceives }),
    });
    this.url = queue.url;
    this.arn = queue.arn;
  }

  /** Lets others send, one message at a time or in batches, and look how full it is. */
  grantSend(...to: Grantee[]): void {
    const statement = { actions: ["sqs:SendMessage", "sqs:GetQueueAttributes"], resources: [this.arn] };
    for (const { role } of to) role.allow(`${pathOf(this).join("-")}-send`, statement);
  }

  /**
   * Lets others receive messages, hold them longer, and delete them when they are done.
   * @returns what an event source waits for: Lambda checks at once whether the function may receive
   */
  grantConsume(...to: Grantee[]): ITerraformDependable[] {
    const actions = ["ReceiveMessage", "DeleteMessage", "ChangeMessageVisibility", "GetQueueAttributes"];
    const statement = { actions: actions.map((action) => `sqs:${action}`), resources: [this.arn] };
    return to.map(({ role }) => role.allow(`${pathOf(this).join("-")}-consume`, statement));
  }

  alarms(): AlarmSpec[] {
    const { name, deadLetters, maxReceives } = this;
    // A message that failed three times no longer counts for the age: until then its retries alone make it old.
    const late = Math.max(LATE, 3 * this.visibilityTimeout);
    return [
      {
        id: "dead-letters",
        description:
          `Messages of ${name} failed ${String(maxReceives)} times and are now in ${deadLetters.name}. Read one of them ` +
          `there and the consumer's log, mend the cause, then start the redrive of ${deadLetters.name} (SQS console, or ` +
          "aws sqs start-message-move-task). They are deleted 14 days after they were first sent.",
        metric: metric(deadLetters.name, "ApproximateNumberOfMessagesVisible", "Maximum"),
        threshold: 0,
        minutes: 1,
        severity: "critical",
      },
      {
        id: "late",
        description:
          `The oldest message of ${name} has waited for more than ${String(late / 60)} minutes. See whether its consumers ` +
          "run and what their log says; messages are lost after 4 days.",
        metric: metric(name, "ApproximateAgeOfOldestMessage", "Maximum"),
        threshold: late,
        minutes: 5,
        severity: "critical",
      },
      {
        id: "backlog",
        description:
          `More than ${String(BACKLOG)} messages have waited in ${name} for ten minutes. If its consumers are at their ` +
          "highest number, raise it; else see why they are slow.",
        metric: metric(name, "ApproximateNumberOfMessagesVisible", "Maximum"),
        threshold: BACKLOG,
        minutes: 10,
        severity: "warning",
      },
    ];
  }

  graphs(): Graph[] {
    const { name, deadLetters } = this;
    return [
      {
        title: "Messages",
        metrics: [
          { ...metric(name, "ApproximateNumberOfMessagesVisible", "Maximum"), label: "waiting" },
          { ...metric(name, "ApproximateNumberOfMessagesNotVisible", "Maximum"), label: "in flight" },
        ],
      },
      {
        title: "Throughput a minute",
        metrics: [
          { ...metric(name, "NumberOfMessagesSent", "Sum"), label: "sent" },
          { ...metric(name, "NumberOfMessagesDeleted", "Sum"), label: "done" },
        ],
      },
      {
        title: "Age of the oldest message",
        metrics: [metric(name, "ApproximateAgeOfOldestMessage", "Maximum")],
        unit: "Seconds",
      },
      { title: "Dead letters", metrics: [metric(deadLetters.name, "ApproximateNumberOfMessagesVisible", "Maximum")] },
    ];
  }

  // Policy, redrive and redrive allow policy stand in the queue itself: each as a resource of its own takes 25 s more.
  private deadLetterQueue(sourceArn: string): DeadLetters {
    const id = "dead-letters";
    const name = physicalName(this, { ...NAME_LENGTH, suffix: id });
    const { arn, url } = new SqsQueue(this, id, {
      name,
      // The age of a dead letter counts from its first sending, so 14 days leave at least 10 to mend the cause.
      messageRetentionSeconds: 14 * DAY,
      receiveWaitTimeSeconds: 20,
      sqsManagedSseEnabled: true,
      policy: tlsOnly(arnOf(this, "sqs", name)),
      redriveAllowPolicy: JSON.stringify({ redrivePermission: "byQueue", sourceQueueArns: [sourceArn] }),
    });
    return { name, arn, url };
  }

  private checkProps(): void {
    const what = pathOf(this).join("/");
    checkInteger(
      this,
      `${what}: visibilityTimeout`,
      this.visibilityTimeout,
      0,
      43_200,
      "SQS lets nobody hold a message for longer than 12 hours.",
      "seconds",
    );
    checkInteger(
      this,
      `${what}: maxReceives`,
      this.maxReceives,
      1,
      1000,
      "Take 5, unless processing often fails for a short time.",
    );
  }
}

function metric(queue: string, name: string, statistic: string): Metric {
  return { namespace: "AWS/SQS", name, dimensions: { QueueName: queue }, statistic };
}

/** What is denied are all actions, also those to come: a denial is no grant. */
function tlsOnly(arn: string): string {
  return JSON.stringify({
    Version: "2012-10-17",
    Statement: [
      {
        Sid: "TlsOnly",
        Effect: "Deny",
        Principal: "*",
        Action: "sqs:*",
        Resource: arn,
        Condition: { Bool: { "aws:SecureTransport": "false" } },
      },
    ],
  });
}
