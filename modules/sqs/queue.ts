import { type ITerraformDependable } from "cdktf";
import { Construct } from "constructs";
import { type Grantee } from "../iam";
import { type AlarmSpec, type Graph } from "../monitoring/alarm-spec";
import { PRIMARY } from "../naming";
import { type DeadLetterQueue } from "./dead-letter-queue";
import { type MessageQueue, QueuePair, type QueueProps } from "./queue-pair";

/**
 * A standard queue: any number of messages, each delivered once or, rarely, more often, in about the order of sending. It is
 * never without a dead-letter queue; both are encrypted at rest, and refuse plain HTTP.
 */
export class Queue extends Construct implements MessageQueue {
  readonly name: string;
  readonly url: string;
  readonly arn: string;
  readonly deadLetters: DeadLetterQueue;
  readonly visibilityTimeout: number;
  readonly fifo = false;
  private readonly pair: QueuePair;

  constructor(scope: Construct, id: string, props: QueueProps = {}) {
    super(scope, id);
    const { visibilityTimeout, maxReceives, delay, backlog } = props;
    this.pair = new QueuePair(this, PRIMARY, { visibilityTimeout, maxReceives, delay, backlog });
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
