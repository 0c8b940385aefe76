import { Testing } from "cdktf";
import { Role } from "../../modules/iam";
import { Queue, type QueueProps } from "../../modules/sqs";
import { inStack, parsed } from "../support/module";

const flows = (props?: QueueProps) => inStack((stack) => new Queue(stack, "flows", props));
const arn = (name: string): string => `arn:aws:sqs:eu-west-1:111111111111:${name}`;

test("a queue is never without a dead-letter queue, which takes letters from no other", () => {
  const { all, errors } = flows();
  const { flows: queue, "flows_dead-letters": deadLetters } = all("aws_sqs_queue");
  expect(errors).toEqual([]);
  expect(queue).toMatchObject({ name: "fb-dev-flows" });
  expect(deadLetters).toMatchObject({ name: "fb-dev-flows-dead-letters" });
  expect(parsed(queue, "redrive_policy")).toEqual({
    deadLetterTargetArn: "${aws_sqs_queue.flows_dead-letters.arn}",
    maxReceiveCount: 5,
  });
  expect(parsed(deadLetters, "redrive_allow_policy")).toEqual({
    redrivePermission: "byQueue",
    sourceQueueArns: [arn("fb-dev-flows")],
  });
});

test("both queues are encrypted, refuse plain HTTP by their own ARN, and poll long", () => {
  const { all } = flows();
  for (const queue of Object.values(all("aws_sqs_queue"))) {
    expect(queue).toMatchObject({ sqs_managed_sse_enabled: true, receive_wait_time_seconds: 20 });
    expect(parsed(queue, "policy")).toMatchObject({
      Statement: [
        {
          Effect: "Deny",
          Principal: "*",
          Resource: arn(String(queue["name"])),
          Condition: { Bool: { "aws:SecureTransport": "false" } },
        },
      ],
    });
  }
});

test("everything stands in the two queues: a policy as a resource of its own would take 25 s more", () => {
  const json = Testing.synthScope((scope) => new Queue(scope, "flows"));
  expect(Object.keys((JSON.parse(json) as { resource: object }).resource)).toEqual(["aws_sqs_queue"]);
});

test("dead letters are kept longer than messages, since their age counts from the first sending", () => {
  const { all } = flows();
  const { flows: queue, "flows_dead-letters": deadLetters } = all("aws_sqs_queue");
  expect(queue).toMatchObject({ message_retention_seconds: 345_600 });
  expect(deadLetters).toMatchObject({ message_retention_seconds: 1_209_600 });
});

test("without a stack that knows its account, the policy asks AWS for it", () => {
  const json = Testing.synthScope((scope) => new Queue(scope, "flows"));
  expect(json).toContain(
    "arn:aws:sqs:${data.aws_region.this-region.name}:${data.aws_caller_identity.this-account.account_id}:",
  );
});

test("a grant names the actions and the queue, in a policy named after it", () => {
  const { all } = inStack((stack) => {
    const queue = new Queue(stack, "flows");
    const role = (id: string) => ({
      role: new Role(stack, id, { service: "ecs-tasks.amazonaws.com", description: id }),
    });
    queue.grantSend(role("api"));
    queue.grantConsume(role("worker"));
  });
  const { "api_flows-send": send, "worker_flows-consume": consume } = all("aws_iam_role_policy");
  const resource = ["${aws_sqs_queue.flows.arn}"];
  expect(parsed(send, "policy")).toMatchObject({
    Statement: [{ Action: ["sqs:SendMessage", "sqs:GetQueueAttributes"], Resource: resource }],
  });
  expect(parsed(consume, "policy")).toMatchObject({
    Statement: [
      {
        Action: ["sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:ChangeMessageVisibility", "sqs:GetQueueAttributes"],
        Resource: resource,
      },
    ],
  });
});

test.each([
  [{ visibilityTimeout: -1 }, "flows: visibilityTimeout: expected an integer from 0 to 43200 seconds, got -1."],
  [{ visibilityTimeout: 43_201 }, "flows: visibilityTimeout: expected an integer from 0 to 43200 seconds, got 43201."],
  [{ visibilityTimeout: NaN }, "flows: visibilityTimeout: expected an integer from 0 to 43200 seconds, got NaN."],
  [{ maxReceives: 0 }, "flows: maxReceives: expected an integer from 1 to 1000, got 0."],
  [{ maxReceives: "5" as unknown as number }, 'flows: maxReceives: expected an integer from 1 to 1000, got "5".'],
])("%j is an error that says what may be", (props, message) => {
  expect(flows(props).errors).toEqual([expect.stringContaining(message)]);
});

test("the limits themselves are allowed", () => {
  expect(flows({ visibilityTimeout: 0, maxReceives: 1 }).errors).toEqual([]);
  expect(flows({ visibilityTimeout: 43_200, maxReceives: 1000 }).errors).toEqual([]);
});

test("one dead letter calls somebody, and says where it lies and how to send it again", () => {
  inStack((stack) => {
    const [deadLetters] = new Queue(stack, "flows", { maxReceives: 3 }).alarms();
    expect(deadLetters).toMatchObject({
      metric: { dimensions: { QueueName: "fb-dev-flows-dead-letters" }, statistic: "Maximum" },
      threshold: 0,
      minutes: 1,
      severity: "critical",
    });
    expect(deadLetters?.description).toMatch(/failed 3 times .* fb-dev-flows-dead-letters.* redrive/);
  });
});

test("retries alone never make a message late", () => {
  inStack((stack) => {
    const late = (id: string, visibilityTimeout: number): number | undefined =>
      new Queue(stack, id, { visibilityTimeout }).alarms().find((alarm) => alarm.id === "late")?.threshold;
    expect(late("short", 30)).toBe(900);
    expect(late("long", 600)).toBe(1800);
  });
});
