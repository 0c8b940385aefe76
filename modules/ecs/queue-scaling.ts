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
/** Minutes that a data point may be late; AWS tells no figure. */
const LATE = 2;
/** Seconds from the wish for a task until the metrics show that it runs: until then nothing is added for the same messages. */
const SEEN = 600;

/** Scales a service on the messages of its queue: those that wait and those in flight, which still keep a task busy. */
export function scaleOnQueue(scaling: Scaling, props: QueueScalingProps): void {
  if (props.tasks.min === 0) scaleFromZero(scaling, props);
  else keepUp(scaling, props);
}

/** Keeps the messages for each running task at `messagesPerTask`. */
function keepUp(scaling: Scaling, props: QueueScalingProps): void {
  scaling.track("backlog", { value: props.messagesPerTask, of: messagesForEach(props) });
}

/**
 * "awake" only adds, so it never takes a task away that may hold a message; it adds again what is still missing when its
 * cooldown is over, and at once when more is missing. "asleep" alone removes, and only tasks that have run for as long
 * as it looks back: one that was started by hand has the same time. A queue that nobody calls for six hours stops sending
 * metrics, and sends them again up to 15 minutes late: something must touch it every minute, as a scheduler does that sends to it.
 */
function scaleFromZero(scaling: Scaling, props: QueueScalingProps): void {
  const { queue, tasks, messagesPerTask } = props;
  scaling.step("awake", {
    description: `${queue.name} has more messages than ${String(messagesPerTask)} for each task: adds the tasks that are missing. No fault.`,
    when: { metric: missing(props), is: "some", minutes: 1, within: 1 + LATE },
    scale: "by",
    steps: sizes(tasks.max, messagesPerTask),
    cooldown: SEEN,
  });
  scaling.step("asleep", {
    description: `${queue.name} has been empty, and nothing in flight, for ${String(IDLE)} minutes: stops all tasks. No fault.`,
    when: { metric: work(props), is: "none", minutes: IDLE },
    scale: "to",
    steps: [{ from: 0, tasks: 0 }],
    cooldown: 60,
  });
}

/** One task for the first messages, a second when there are more than one is enough for, up to `max`. */
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

/** The messages beyond what the running tasks are enough for; no data point while the queue sends none. */
function missing(props: QueueScalingProps): MetricMath {
  const enough = `FILL(running, 0) * ${String(props.messagesPerTask)}`;
  return { expression: `IF(visible >= 0, ${OPEN} - ${enough})`, metrics: metrics(props) };
}

/**
 * 1 while there are messages, 0 while tasks run without any; no data point when nothing runs or the queue sends none. The 1
 * does not wait for a task: what was measured before the last sleep would put to sleep again what has just been woken.
 */
function work(props: QueueScalingProps): MetricMath {
  return { expression: `IF(${OPEN} > 0, 1, IF(running > 0 AND visible >= 0, 0))`, metrics: metrics(props) };
}

/** The messages for each running task; no data point while none runs or the queue sends none. */
function messagesForEach(props: QueueScalingProps): MetricMath {
  return { expression: `IF(running > 0 AND visible >= 0, (${OPEN}) / running)`, metrics: metrics(props) };
}

/** SQS may send nothing instead of 0 for messages in flight. */
const OPEN = "visible + FILL(in_flight, 0)";

function metrics({ queue, running }: QueueScalingProps): MetricMath["metrics"] {
  const metric = (name: string): Metric => ({
    namespace: "AWS/SQS",
    name,
    dimensions: { QueueName: queue.name },
    statistic: "Maximum",
  });
  return {
    visible: metric("ApproximateNumberOfMessagesVisible"),
    in_flight: metric("ApproximateNumberOfMessagesNotVisible"),
    running,
  };
}
