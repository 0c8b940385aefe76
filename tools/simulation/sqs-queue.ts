import { type Assumptions } from "./assumptions";
import { type CloudWatch, type MetricName } from "./cloudwatch";

/**
 * Hours from the last call until a queue without messages stops sending metrics.
 * https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/monitoring-using-cloudwatch.html
 */
const ACTIVE_FOR = 6 * 3600;

export interface QueueSettings {
  readonly dimensions: MetricName["dimensions"];
  readonly visibilityTimeout: number;
}

/** A standard queue and its metrics: sent once a minute while it is active, that is holds messages or was called lately. */
export class SqsQueue {
  /** When each waiting message was sent, the oldest first. */
  private readonly waiting: number[] = [];
  private first = 0;
  /** Messages that were received and are not deleted. */
  inFlight = 0;
  /** Messages that nobody deleted, and when they can be seen again. */
  private readonly returning: { readonly sent: number; readonly at: number }[] = [];
  private lastCall = -Infinity;
  private sendsFrom = Infinity;
  private readonly metrics: Record<"visible" | "inFlight" | "age", MetricName>;

  constructor(
    private readonly settings: QueueSettings,
    private readonly assumptions: Pick<Assumptions, "activation" | "sendsNoneInFlight">,
    private readonly cloudwatch: CloudWatch,
  ) {
    const metric = (name: string): MetricName => ({ namespace: "AWS/SQS", name, dimensions: settings.dimensions });
    this.metrics = {
      visible: metric("ApproximateNumberOfMessagesVisible"),
      inFlight: metric("ApproximateNumberOfMessagesNotVisible"),
      age: metric("ApproximateAgeOfOldestMessage"),
    };
    for (const name of Object.values(this.metrics)) cloudwatch.declare(name);
  }

  get visible(): number {
    return this.waiting.length - this.first;
  }

  /** When the oldest message that waits was sent. */
  get oldest(): number | undefined {
    return this.waiting[this.first];
  }

  /** It was called and sent metrics until now. */
  startActive(): void {
    this.lastCall = 0;
    this.sendsFrom = 0;
  }

  /** Any call at all. */
  call(now: number): void {
    if (now - this.lastCall > ACTIVE_FOR && this.visible + this.inFlight === 0) {
      this.sendsFrom = now + this.assumptions.activation;
    }
    this.lastCall = now;
  }

  send(count: number, now: number): void {
    this.call(now);
    for (let index = 0; index < count; index++) this.waiting.push(now);
  }

  /** @returns when the message was sent, or undefined where there is none */
  receive(now: number): number | undefined {
    this.call(now);
    const sent = this.waiting[this.first];
    if (sent === undefined) return undefined;
    this.first += 1;
    this.inFlight += 1;
    return sent;
  }

  delete(now: number): void {
    this.call(now);
    this.inFlight -= 1;
  }

  /** Its consumer was killed: it can be seen again when its visibility timeout is over. */
  abandon(sent: number, received: number): void {
    this.returning.push({ sent, at: received + this.settings.visibilityTimeout });
  }

  tick(now: number): void {
    while (this.returning[0] && this.returning[0].at <= now) {
      this.waiting.push(this.returning[0].sent);
      this.returning.shift();
      this.inFlight -= 1;
    }
  }

  sample(now: number): void {
    const active = this.visible + this.inFlight > 0 || now - this.lastCall <= ACTIVE_FOR;
    if (!active || now < this.sendsFrom) return;
    this.cloudwatch.send(this.metrics.visible, this.visible, now);
    if (this.inFlight > 0 || this.assumptions.sendsNoneInFlight) {
      this.cloudwatch.send(this.metrics.inFlight, this.inFlight, now);
    }
    if (this.oldest !== undefined) this.cloudwatch.send(this.metrics.age, now - this.oldest, now);
  }
}
