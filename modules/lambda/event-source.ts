import { LambdaEventSourceMapping } from "@cdktf/provider-aws/lib/lambda-event-source-mapping";
import { Construct } from "constructs";
import { check, checkInteger } from "../checks";
import { type Grantee } from "../iam";
import { PRIMARY, pathOf, physicalName } from "../naming";
import { type MessageQueue } from "../sqs";

/** How a function takes messages from a queue. */
export interface EventSourceProps {
  /** Messages in a run, 1 to 10000; above 10 only with a window. @default 10 */
  readonly batch?: number;
  /** Seconds to wait for a full batch, 0 to 300. @default 0 */
  readonly window?: number;
  /** Runs at a time, 2 to 1000: the rest waits in the queue instead of being refused. @default the function's own limit */
  readonly maximumConcurrency?: number;
}

interface Consumption extends EventSourceProps {
  readonly function: Grantee & Construct & { readonly arn: string };
  /** Seconds that a run may take. */
  readonly timeout: number;
  /** Runs at a time that are kept for the function, and not exceeded. */
  readonly reservedConcurrency: number | undefined;
  readonly queue: MessageQueue;
}

/** AWS's advice: a throttled batch is tried again within the visibility timeout, and must not come up twice at once. */
const VISIBILITY_FACTOR = 6;

/** Hands a queue's messages to a function, in batches. A run says which of them failed: only those are tried again. */
export class EventSource extends Construct {
  constructor(scope: Construct, id: string, props: Consumption) {
    super(scope, id);
    const { function: consumer, queue, batch = 10, window = 0, maximumConcurrency } = props;
    this.checkProps(props, batch, window);
    const grants = queue.grantConsume(consumer);
    new LambdaEventSourceMapping(this, PRIMARY, {
      eventSourceArn: queue.arn,
      functionName: consumer.arn,
      batchSize: batch,
      maximumBatchingWindowInSeconds: window,
      functionResponseTypes: ["ReportBatchItemFailures"],
      tags: { Name: physicalName(this, { max: 255 }) },
      ...(maximumConcurrency !== undefined && { scalingConfig: { maximumConcurrency } }),
      dependsOn: grants,
    });
  }

  private checkProps(props: Consumption, batch: number, window: number): void {
    const { function: consumer, timeout, queue, maximumConcurrency, reservedConcurrency } = props;
    const what = (setting: string): string =>
      `${pathOf(consumer).join("/")}: consume ${pathOf(queue).join("/")}: ${setting}`;
    const limits = "These are Lambda's limits; a FIFO queue has no window.";
    checkInteger(this, what("window"), window, 0, queue.fifo ? 0 : 300, limits, "seconds");
    const most = window > 0 && !queue.fifo ? 10_000 : 10;
    const full = "Lambda takes more than 10 only with a window of 1 s or more, and from a FIFO queue never more.";
    checkInteger(this, what("batch"), batch, 1, most, full);
    if (maximumConcurrency !== undefined) {
      checkInteger(this, what("maximumConcurrency"), maximumConcurrency, 2, 1000, "Leave it out for no limit.", "runs");
      check(this, !(maximumConcurrency > Number(reservedConcurrency)), {
        what: what("maximumConcurrency"),
        got: maximumConcurrency,
        expected: `at most the ${String(reservedConcurrency)} runs of the function's reservedConcurrency`,
        fix: "Lower it, or reserve more: a batch that is refused counts as an attempt, and ends among the dead letters.",
      });
    }
    const least = VISIBILITY_FACTOR * timeout + window;
    check(this, !(queue.visibilityTimeout < least), {
      what: `${pathOf(queue).join("/")}: visibilityTimeout`,
      got: queue.visibilityTimeout,
      expected: `at least ${String(least)} seconds: ${String(VISIBILITY_FACTOR)} × the ${String(timeout)} s of ${pathOf(consumer).join("/")}, and its window of ${String(window)} s`,
      fix: "Raise it, or lower the function's timeout: else a message that is still being worked on comes up again.",
    });
  }
}
