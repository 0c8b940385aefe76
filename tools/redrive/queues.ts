import { Failure } from "../support/failure";
import { type SynthesizedResource, synthesizedResources } from "../support/synthesized-resources";

/** A queue of a stack that has dead letters. */
export interface RedrivableQueue {
  /** Its place in the stack: "flows". */
  readonly path: string;
  /** "fb-dev-flows" */
  readonly name: string;
  /** The name of its dead-letter queue. */
  readonly deadLetters: string;
}

/** The queues of a synthesized stack that have a dead-letter queue. */
export function redrivableQueues(folder: string): RedrivableQueue[] {
  const queues = synthesizedResources(folder).filter(({ type }) => type === "aws_sqs_queue");
  const byAddress = new Map(queues.map((queue) => [queue.address, queue]));
  return queues.flatMap((queue) => {
    const target = deadLettersOf(queue);
    const deadLetters = target === undefined ? undefined : byAddress.get(target);
    return deadLetters ? [{ path: queue.path.join("/"), name: nameOf(queue), deadLetters: nameOf(deadLetters) }] : [];
  });
}

/**
 * The queue that somebody means, by its place in the stack or its name in AWS; either queue of the pair will do.
 * @throws Failure that lists the queues there are
 */
export function chosenQueue(
  wanted: string | undefined,
  queues: readonly RedrivableQueue[],
  environment: string,
): RedrivableQueue {
  const found = queues.find(({ path, name, deadLetters }) => [path, name, deadLetters].includes(wanted ?? ""));
  if (found) return found;
  if (queues.length === 0) throw new Failure(`${environment}-stack has no queue with dead letters.`);
  const got = wanted === undefined ? "none" : `"${wanted}"`;
  throw new Failure(`Which queue? Expected one of ${queues.map(({ path }) => path).join(", ")}, got ${got}.`, {
    next: `npm run redrive -- ${environment} ${queues[0]?.path ?? ""}`,
  });
}

/** The address of the queue that a redrive policy names: "${aws_sqs_queue.flows_dead-letters.arn}". */
function deadLettersOf({ arguments: { redrive_policy: policy } }: SynthesizedResource): string | undefined {
  return /\$\{(aws_sqs_queue\.[\w-]+)\.arn\}/.exec(String(policy))?.[1];
}

function nameOf({ arguments: { name } }: SynthesizedResource): string {
  return String(name);
}
