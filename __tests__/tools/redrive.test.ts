import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { SQSClient } from "@aws-sdk/client-sqs";
import { App } from "cdktf";
import { FifoQueue, Queue } from "../../modules/sqs";
import { BaseStack } from "../../stacks/base-stack";
import { type Letter, countMessages, findQueue, sampleLetters } from "../../tools/redrive/dead-letters";
import { checkNoneRuns, moveBack } from "../../tools/redrive/move-task";
import { chosenQueue, redrivableQueues } from "../../tools/redrive/queues";
import { countReport, sampleReport } from "../../tools/redrive/report";
import { type Failure } from "../../tools/support/failure";
import { AwsError, type Operations, type RunningAwsApi, startAwsApi } from "../support/aws-api";

class TestStack extends BaseStack {}

const flows = { name: "fb-dev-flows", url: "https://sqs/flows", arn: "arn:flows" };
const deadLetters = { name: "fb-dev-flows-dead-letters", url: "https://sqs/dead-letters", arn: "arn:dead-letters" };
let api: RunningAwsApi | undefined;
let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "redrive-"));
});

afterEach(async () => {
  rmSync(folder, { recursive: true });
  await api?.stop();
  api = undefined;
});

async function client(operations: Record<string, (input: Record<string, unknown>) => unknown>): Promise<SQSClient> {
  const named = Object.entries(operations).map(([name, answer]) => [`AmazonSQS.${name}`, answer] as const);
  api = await startAwsApi(Object.fromEntries(named) as Operations);
  const credentials = { accessKeyId: "111111111111", secretAccessKey: "test" };
  return new SQSClient({ endpoint: api.endpoint, region: "eu-west-1", credentials, maxAttempts: 1, md5: false });
}

/** The folder of a stack with two queues, "flows" and "orders". */
function stackFolder(): string {
  const app = new App({ outdir: folder });
  const stack = new TestStack(app, "dev-stack", {
    system: "flow-builder",
    environment: "dev",
    name: "fb-dev",
    account: { id: "111111111111", region: "eu-west-1" },
    repository: "groundplan",
  });
  new Queue(stack, "flows");
  new FifoQueue(stack, "orders");
  app.synth();
  return join(folder, "stacks", "dev-stack");
}

describe("which queue", () => {
  test("is said by its place in the stack or by either name in AWS", () => {
    const queues = redrivableQueues(stackFolder());
    const orders = { path: "orders", name: "fb-dev-orders.fifo", deadLetters: "fb-dev-orders-dead-letters.fifo" };
    expect(queues).toEqual([{ path: "flows", name: "fb-dev-flows", deadLetters: "fb-dev-flows-dead-letters" }, orders]);
    for (const wanted of Object.values(orders)) expect(chosenQueue(wanted, queues, "dev")).toEqual(orders);
  });

  test("that there is not, or none, is answered with those that there are", () => {
    const queues = redrivableQueues(stackFolder());
    expect(() => chosenQueue("flow", queues, "dev")).toThrow('Which queue? Expected one of flows, orders, got "flow".');
    expect(() => chosenQueue(undefined, queues, "dev")).toThrow("Expected one of flows, orders, got none.");
    expect(() => chosenQueue("flows", [], "dev")).toThrow("dev-stack has no queue with dead letters.");
  });

  test("that is not deployed is a sentence, not an error of the SDK", async () => {
    const sqs = await client({
      GetQueueUrl: () => {
        throw new AwsError(400, "com.amazonaws.sqs#QueueDoesNotExist", "The specified queue does not exist.");
      },
    });
    await expect(findQueue(sqs, "fb-dev-flows-dead-letters", "dev")).rejects.toThrow(
      "fb-dev-flows-dead-letters is not in AWS: the stack is not deployed, or not under this prefix or system.",
    );
  });
});

describe("what is shown", () => {
  const letter = (id: string, more: Partial<Letter> = {}): Letter => ({
    id,
    reason: undefined,
    receives: 5,
    sent: new Date("2026-03-01T10:00:30Z"),
    body: `{"id":"${id}"}`,
    ...more,
  });

  test("are the reasons by how often they are given, with the receives and the time of sending, but no bodies", () => {
    const sample = [
      letter("1", { receives: 6 }),
      letter("2", { reason: "410 Gone" }),
      letter("3", { reason: "410 Gone", sent: new Date("2026-03-02T08:15:00Z") }),
    ];
    const shown = sampleReport(sample, { show: false });
    expect(shown).toEqual([
      "A sample of 3:",
      "  2 × 410 Gone; received 5 times, sent 2026-03-01 10:00 UTC to 2026-03-02 08:15 UTC",
      "  1 × no reason given (see the consumer's log); received 6 times, sent 2026-03-01 10:00 UTC",
      "  Their bodies may hold personal data: --show shows them.",
    ]);
    expect(sampleReport(sample, { show: true })).toContain('      2: {"id":"2"}');
  });

  test("cannot drive the terminal, nor flood it", () => {
    const [, , body] = sampleReport([letter("1", { body: `\u001b[2J${"x".repeat(1000)}` })], { show: true });
    expect(body).toMatch(/^ {6}1: {2}\[2Jx{496}… \(1004 characters\)$/);
  });

  test("is the number of dead letters, and of those that somebody holds", async () => {
    const sqs = await client({
      GetQueueAttributes: () => ({
        Attributes: {
          ApproximateNumberOfMessages: "12",
          ApproximateNumberOfMessagesNotVisible: "2",
          ApproximateNumberOfMessagesDelayed: "1",
        },
      }),
    });
    const counts = await countMessages(sqs, deadLetters);
    expect(counts).toEqual({ waiting: 12, held: 3 });
    const queue = { path: "flows", name: "fb-dev-flows", deadLetters: deadLetters.name };
    expect(countReport(queue, counts)).toBe(
      "flows has 12 dead letters in fb-dev-flows-dead-letters, and 3 that somebody holds at the moment.",
    );
    expect(countReport(queue, { waiting: 1, held: 0 })).toBe("flows has 1 dead letter in fb-dev-flows-dead-letters.");
  });

  test("is let go of at once, even when a further receive fails: the redrive takes what nobody holds", async () => {
    const released: unknown[] = [];
    let receives = 0;
    const sqs = await client({
      ReceiveMessage: () => {
        receives += 1;
        if (receives > 1) throw new AwsError(400, "ThrottlingException", "slow down");
        return {
          Messages: [
            {
              MessageId: "1",
              ReceiptHandle: "handle",
              Body: "",
              Attributes: { ApproximateReceiveCount: "7", SentTimestamp: "0" },
            },
          ],
        };
      },
      ChangeMessageVisibilityBatch: ({ Entries }) => {
        released.push(Entries);
        return { Successful: [{ Id: "0" }], Failed: [] };
      },
    });
    await expect(sampleLetters(sqs, deadLetters)).rejects.toThrow("slow down");
    expect(released).toEqual([[{ Id: "0", ReceiptHandle: "handle", VisibilityTimeout: 0 }]]);
  });
});

describe("the redrive", () => {
  const task = (Status: string, moved: number, more = {}) => ({
    Status,
    ApproximateNumberOfMessagesMoved: moved,
    ApproximateNumberOfMessagesToMove: 12,
    ...more,
  });

  test("goes to the queue by name, also with letters that a consumer put aside itself, and is followed to its end", async () => {
    const states = [task("RUNNING", 5), task("COMPLETED", 12)];
    let started: unknown;
    const sqs = await client({
      StartMessageMoveTask: (input) => {
        started = input;
        return { TaskHandle: "handle" };
      },
      ListMessageMoveTasks: () => ({ Results: [states.shift()] }),
    });
    const told: string[] = [];
    expect(await moveBack(sqs, deadLetters, flows, 100, (progress) => told.push(progress))).toBe(12);
    expect(started).toEqual({
      SourceArn: "arn:dead-letters",
      DestinationArn: "arn:flows",
      MaxNumberOfMessagesPerSecond: 100,
    });
    expect(told).toEqual(["5 of 12 messages", "12 of 12 messages"]);
  });

  test.each([
    ["FAILED", { FailureReason: "AccessDenied" }, "The redrive failed after 3 of 12 messages: AccessDenied."],
    ["CANCELLED", {}, "The redrive was cancelled after 3 of 12 messages."],
  ])("that is %s is an error that says how far it was", async (status, more, message) => {
    const sqs = await client({
      StartMessageMoveTask: () => ({ TaskHandle: "handle" }),
      ListMessageMoveTasks: () => ({ Results: [task(status, 3, more)] }),
    });
    await expect(moveBack(sqs, deadLetters, flows, undefined, () => undefined)).rejects.toThrow(message);
  });

  test("does not begin while another one runs: how far that is, and what stops it", async () => {
    const sqs = await client({
      ListMessageMoveTasks: () => ({ Results: [task("RUNNING", 5, { TaskHandle: "the handle" }), task("FAILED", 1)] }),
    });
    const failure = (await checkNoneRuns(sqs, deadLetters).catch((error: unknown) => error)) as Failure;
    expect(failure.message).toBe(
      "A redrive of fb-dev-flows-dead-letters is under way: 5 of 12 messages. Wait for it, or stop it.",
    );
    expect(failure.advice.next).toBe("aws sqs cancel-message-move-task --task-handle 'the handle'");
  });
});
