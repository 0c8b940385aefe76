import { type AlarmSpec, type Graph, type Metric } from "../monitoring/alarm-spec";

/** What a queue and its dead letters are measured by. */
export interface WatchedQueue {
  readonly name: string;
  /** The name of its dead-letter queue. */
  readonly deadLetters: string;
  readonly maxReceives: number;
  readonly visibilityTimeout: number;
  /** Messages that may wait for ten minutes. */
  readonly backlog: number;
}

/** Seconds that a message may wait for a consumer before somebody is called. */
const LATE = 900;

/** @param path the queue's place in the stack, as `npm run redrive` takes it */
export function queueAlarms(queue: WatchedQueue & { readonly path: string }): AlarmSpec[] {
  const { name, deadLetters, maxReceives, visibilityTimeout, backlog, path } = queue;
  // A message that failed three times no longer counts for the age: until then its retries alone make it old.
  const late = Math.max(LATE, 3 * visibilityTimeout);
  return [
    {
      id: "dead-letters",
      description:
        `Messages of ${name} failed ${String(maxReceives)} times and are now in ${deadLetters}. Read the consumer's log and ` +
        `mend the cause; \`npm run redrive -- <environment> ${path}\` shows why they failed and sends them again. They are ` +
        "deleted 14 days after they were first sent.",
      metric: metric(deadLetters, "ApproximateNumberOfMessagesVisible", "Maximum"),
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
        `More than ${String(backlog)} messages have waited in ${name} for ten minutes. If its consumers are at their ` +
        "highest number, raise it; else see why they are slow.",
      metric: metric(name, "ApproximateNumberOfMessagesVisible", "Maximum"),
      threshold: backlog,
      minutes: 10,
      severity: "warning",
    },
  ];
}

export function queueGraphs({ name, deadLetters }: WatchedQueue): Graph[] {
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
    { title: "Dead letters", metrics: [metric(deadLetters, "ApproximateNumberOfMessagesVisible", "Maximum")] },
  ];
}

function metric(queue: string, name: string, statistic: string): Metric {
  return { namespace: "AWS/SQS", name, dimensions: { QueueName: queue }, statistic };
}
