import { type Metric } from "../monitoring/alarm-spec";
import { type MessageQueue } from "../sqs";
import { type MetricMath, type Scaling, type Tasks } from "./scaling";

export interface QueueScalingProps {
  readonly queue: MessageQueue;
  readonly tasks: Tasks;
  /** Messages, waiting or in flight, that one task is enough for. */
  readonly messagesPerTask: number;
  /** How many tasks run. */
  readonly running: Metric;
}

/** Application Auto Scaling's quota of steps in a policy. */
const MOST_STEPS = 20;
/** Minutes without a message until the last task stops. */
const IDLE = 15;

/** Scales a service on the messages of its queue: those that wait and those in flight, which still keep a task busy. */
export function scaleOnQueue(scaling: Scaling, props: QueueScalingProps): void {
  if (props.tasks.min === 0) scaleFromZero(scaling, props);
  else keepUp(scaling, props);
}

/** At least one task runs, so that there is always something to divide by; FILL covers the minute when it is replaced. */
function keepUp(scaling: Scaling, { queue, messagesPerTask, running }: QueueScalingProps): void {
  const { expression, metrics } = work(queue);
  const backlog = { expression: `(${expression}) / FILL(running, 1)`, metrics: { ...metrics, running } };
  scaling.track("backlog", { value: messagesPerTask, of: backlog });
}

/**
 * The two alarms are never on together, and the first is on only while tasks are missing: it never takes one away, which
 * may hold a message in flight. A queue that nobody calls for six hours stops sending metrics, and sends them
 * again up to 15 minutes late: something must touch it every minute, as a scheduler does that sends to it.
 */
function scaleFromZero(scaling: Scaling, { queue, tasks, messagesPerTask, running }: QueueScalingProps): void {
  scaling.step("awake", {
    description: `There are messages in ${queue.name}: sets the tasks to one for every ${String(messagesPerTask)}. No fault.`,
    when: { metric: missing(queue, messagesPerTask, running), is: "some", minutes: 1 },
    scale: "to",
    steps: sizes(tasks.max, messagesPerTask),
    cooldown: 300,
  });
  scaling.step("asleep", {
    description: `${queue.name} has been empty, and nothing in flight, for ${String(IDLE)} minutes: stops all tasks. No fault.`,
    when: { metric: work(queue), is: "none", minutes: IDLE },
    scale: "to",
    steps: [{ from: 0, tasks: 0 }],
    cooldown: 60,
  });
}

/** One task from the first message, a second when there are more than one is enough for, up to `max`. */
function sizes(max: number, messagesPerTask: number): { from: number; tasks: number }[] {
  const count = Math.min(max, MOST_STEPS);
  const tasks = Array.from({ length: Number.isInteger(count) ? count : 1 }, (_, index) =>
    Math.ceil((max * (index + 1)) / count),
  );
  return tasks.map((size, index) => ({
    from: index === 0 ? 0 : (tasks[index - 1] ?? 0) * messagesPerTask + 1,
    tasks: size,
  }));
}

/** The messages, while there are more than the running tasks are enough for; else 0. */
function missing(queue: MessageQueue, messagesPerTask: number, running: Metric): MetricMath {
  const { expression, metrics } = work(queue);
  const enough = `FILL(running, 0) * ${String(messagesPerTask)}`;
  return { expression: `IF(${expression} > ${enough}, ${expression}, 0)`, metrics: { ...metrics, running } };
}

function work({ name }: MessageQueue): MetricMath {
  const metric = (metricName: string): Metric => ({
    namespace: "AWS/SQS",
    name: metricName,
    dimensions: { QueueName: name },
    statistic: "Maximum",
  });
  return {
    expression: "visible + in_flight",
    metrics: {
      visible: metric("ApproximateNumberOfMessagesVisible"),
      in_flight: metric("ApproximateNumberOfMessagesNotVisible"),
    },
  };
}
