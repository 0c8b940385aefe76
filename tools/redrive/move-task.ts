import {
  ListMessageMoveTasksCommand,
  type ListMessageMoveTasksResultEntry,
  type SQSClient,
  StartMessageMoveTaskCommand,
} from "@aws-sdk/client-sqs";
import { Failure, Interrupted } from "../support/failure";
import { checkInterrupted } from "../support/run";
import { shellText } from "../support/shell";
import { type Place } from "./dead-letters";

/** Milliseconds between two looks at a task. */
const INTERVAL = 1000;

/** @throws Failure when a redrive of these dead letters is under way: SQS takes one at a time */
export async function checkNoneRuns(client: SQSClient, deadLetters: Place): Promise<void> {
  const running = (await tasks(client, deadLetters)).find(({ Status }) => Status === "RUNNING");
  if (!running) return;
  throw new Failure(`A redrive of ${deadLetters.name} is under way: ${progress(running)}. Wait for it, or stop it.`, {
    next: cancelCommand(running),
  });
}

/**
 * Sends all dead letters to a queue, and waits until SQS has done so. The queue is named: a letter that a consumer itself
 * put aside, with a reason, does not know where it came from, and SQS would give up.
 * @param rate messages a second, 1 to 500; as many as SQS can, if undefined
 * @throws Failure when SQS gives up. Interrupted, SQS goes on by itself
 */
export async function moveBack(
  client: SQSClient,
  deadLetters: Place,
  to: Place,
  rate: number | undefined,
  tell: (progress: string) => void,
): Promise<number> {
  await client.send(
    new StartMessageMoveTaskCommand({
      SourceArn: deadLetters.arn,
      DestinationArn: to.arn,
      ...(rate !== undefined && { MaxNumberOfMessagesPerSecond: rate }),
    }),
  );
  for (;;) {
    // The newest comes first.
    const [task = {}] = await tasks(client, deadLetters);
    tell(progress(task));
    if (task.Status === "COMPLETED") return task.ApproximateNumberOfMessagesMoved ?? 0;
    if (task.Status === "FAILED" || task.Status === "CANCELLED") {
      const reason = task.FailureReason === undefined ? "" : `: ${task.FailureReason}`;
      throw new Failure(
        `The redrive ${task.Status === "FAILED" ? "failed" : "was cancelled"} after ${progress(task)}${reason}.`,
      );
    }
    await new Promise((resolve) => setTimeout(resolve, INTERVAL));
    goOn(task);
  }
}

/** @throws Interrupted after ctrl-C, with what it takes to stop SQS too */
function goOn(task: ListMessageMoveTasksResultEntry): void {
  try {
    checkInterrupted();
  } catch {
    const message = `Interrupted after ${progress(task)}. SQS goes on by itself, unless you stop it.`;
    throw new Interrupted(message, { next: cancelCommand(task) });
  }
}

function cancelCommand({ TaskHandle = "" }: ListMessageMoveTasksResultEntry): string {
  return shellText(["aws", "sqs", "cancel-message-move-task", "--task-handle", TaskHandle]);
}

async function tasks(client: SQSClient, { arn }: Place): Promise<ListMessageMoveTasksResultEntry[]> {
  const { Results = [] } = await client.send(new ListMessageMoveTasksCommand({ SourceArn: arn, MaxResults: 10 }));
  return Results;
}

function progress({
  ApproximateNumberOfMessagesMoved: moved = 0,
  ApproximateNumberOfMessagesToMove: all,
}: ListMessageMoveTasksResultEntry): string {
  return all === undefined ? `${String(moved)} messages` : `${String(moved)} of ${String(all)} messages`;
}
