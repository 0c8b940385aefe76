import { SqsQueue } from "@cdktf/provider-aws/lib/sqs-queue";
import { Construct } from "constructs";
import { type Grantee } from "../iam";
import { PRIMARY, pathOf } from "../naming";
import { arnOf } from "../naming/arn";
import { queueName, policyOf } from "./queue-settings";

export interface DeadLetterQueueProps {
  /** The ARN of the queue that they come from; only then can they be sent back. @default a service puts them here */
  readonly sourceArn?: string;
  /** Whether that is a FIFO queue: SQS takes no other kind. @default false */
  readonly fifo?: boolean;
}

const DAY = 86_400;

/** Where that goes which could not be processed, for 14 days; encrypted at rest, and closed to plain HTTP. */
export class DeadLetterQueue extends Construct {
  readonly name: string;
  readonly arn: string;
  readonly url: string;

  constructor(scope: Construct, id: string, { sourceArn, fifo = false }: DeadLetterQueueProps = {}) {
    super(scope, id);
    this.name = queueName(this, fifo);
    // Policy and redrive allow policy stand in the queue itself: each as a resource of its own takes 25 s more.
    const { arn, url } = new SqsQueue(this, PRIMARY, {
      name: this.name,
      ...(fifo && { fifoQueue: true }),
      // The age of a dead letter counts from its first sending, so 14 days leave at least 10 to mend the cause.
      messageRetentionSeconds: 14 * DAY,
      receiveWaitTimeSeconds: 20,
      sqsManagedSseEnabled: true,
      policy: policyOf(arnOf(this, "sqs", this.name)),
      redriveAllowPolicy: JSON.stringify(
        sourceArn === undefined
          ? { redrivePermission: "denyAll" }
          : { redrivePermission: "byQueue", sourceQueueArns: [sourceArn] },
      ),
    });
    this.arn = arn;
    this.url = url;
  }

  /** Lets others put aside what they know cannot be processed, with the reason. */
  grantSend(...to: Grantee[]): void {
    const statement = { actions: ["sqs:SendMessage"], resources: [this.arn] };
    for (const { role } of to) role.allow(`${pathOf(this).join("-")}-send`, statement);
  }
}
