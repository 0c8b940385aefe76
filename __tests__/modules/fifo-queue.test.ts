import { join } from "node:path";
import { Testing } from "cdktf";
import { Function } from "../../modules/lambda";
import { Network } from "../../modules/networking";
import { FifoQueue, type FifoQueueProps, Queue, type QueueProps } from "../../modules/sqs";
import { inStack, parsed } from "../support/module";

const orders = (props: object = {}) => inStack((stack) => new FifoQueue(stack, "orders", props));

test("a FIFO queue is never without a dead-letter queue, which is a FIFO queue too and takes letters from no other", () => {
  const { all, errors } = orders();
  const { orders: queue, "orders_dead-letters": deadLetters } = all("aws_sqs_queue");
  expect(errors).toEqual([]);
  expect(queue).toMatchObject({ name: "fb-dev-orders.fifo", fifo_queue: true, sqs_managed_sse_enabled: true });
  expect(deadLetters).toMatchObject({ name: "fb-dev-orders-dead-letters.fifo", fifo_queue: true });
  expect(parsed(queue, "redrive_policy")).toMatchObject({
    deadLetterTargetArn: "${aws_sqs_queue.orders_dead-letters.arn}",
  });
  expect(parsed(deadLetters, "redrive_allow_policy")).toMatchObject({
    sourceQueueArns: ["arn:aws:sqs:eu-west-1:111111111111:fb-dev-orders.fifo"],
  });
});

test("both queues refuse plain HTTP, by the names that they really have", () => {
  for (const queue of Object.values(orders().all("aws_sqs_queue"))) {
    expect(parsed(queue, "policy")).toMatchObject({
      Statement: [{ Effect: "Deny", Resource: `arn:aws:sqs:eu-west-1:111111111111:${String(queue["name"])}` }],
    });
  }
});

test("its names end in .fifo and have 80 characters at most, however long its path", () => {
  const { all } = inStack((stack) => new FifoQueue(stack, "orders-of-".repeat(12)));
  const names = Object.values(all("aws_sqs_queue")).map(({ name }) => String(name));
  expect(new Set(names).size).toBe(2);
  for (const name of names) {
    expect(name).toMatch(/\.fifo$/);
    expect(name.length).toBeLessThanOrEqual(80);
  }
});

test("duplicates are found by the sender's id in the whole queue, unless content and groups are asked for", () => {
  expect(orders().all("aws_sqs_queue")["orders"]).toMatchObject({
    content_based_deduplication: false,
    deduplication_scope: "queue",
    fifo_throughput_limit: "perQueue",
  });
  const props: FifoQueueProps = { contentBasedDeduplication: true, highThroughput: true };
  expect(orders(props).all("aws_sqs_queue")["orders"]).toMatchObject({
    content_based_deduplication: true,
    deduplication_scope: "messageGroup",
    fifo_throughput_limit: "perMessageGroupId",
  });
});

test("a delay of single messages is refused with the reason, one of all messages is not", () => {
  expect(orders({ messageDelay: 5 }).errors).toEqual([
    "orders: messageDelay: expected no delay of single messages: SQS refuses it on a FIFO queue, where it would change " +
      "their order, got 5. Take delay, which holds all messages back, or a Queue.",
  ]);
  const { all, errors } = orders({ delay: 5 });
  expect(errors).toEqual([]);
  expect(all("aws_sqs_queue")["orders"]).toMatchObject({ delay_seconds: 5 });
});

test.each<[QueueProps, string]>([
  [{ delay: 901 }, "delay: expected an integer from 0 to 900 seconds, got 901."],
  [{ delay: -1 }, "delay: expected an integer from 0 to 900 seconds, got -1."],
  [{ backlog: 0 }, "backlog: expected an integer from 1 to 1000000 messages, got 0."],
  [{ backlog: NaN }, "backlog: expected an integer from 1 to 1000000 messages, got NaN."],
  [{ visibilityTimeout: 43_201 }, "visibilityTimeout: expected an integer from 0 to 43200 seconds, got 43201."],
])("%j is an error of either kind of queue", (props, message) => {
  expect(orders(props).errors).toEqual([expect.stringContaining(`orders: ${message}`)]);
  expect(inStack((stack) => new Queue(stack, "flows", props)).errors).toEqual([
    expect.stringContaining(`flows: ${message}`),
  ]);
});

test("the backlog that somebody is told of is a setting, and the dead letters' alarm says how to send them again", () => {
  inStack((stack) => {
    for (const queue of [new Queue(stack, "flows", { backlog: 50 }), new FifoQueue(stack, "orders", { backlog: 50 })]) {
      const [deadLetters, , backlog] = queue.alarms();
      expect(backlog).toMatchObject({ threshold: 50, minutes: 10, metric: { dimensions: { QueueName: queue.name } } });
      expect(deadLetters?.metric.dimensions).toEqual({ QueueName: queue.deadLetters.name });
      expect(deadLetters?.description).toContain(`npm run redrive -- <environment> ${queue.node.id}`);
    }
  });
});

test("a function reads it in batches of 10 at most and without a window, which Lambda has for standard queues only", () => {
  const { errors } = inStack((stack) => {
    const queue = new FifoQueue(stack, "orders", { visibilityTimeout: 200 });
    const worker = new Function(stack, "worker", {
      network: new Network(stack, "network", { cidr: "10.0.0.0/16", zones: 2, nat: "none" }),
      entry: join(__dirname, "../../functions/common/required.ts"),
      memory: 256,
      timeout: 30,
      logRetentionDays: 7,
    });
    worker.consume(queue, { batch: 11, window: 5 });
  });
  expect(errors).toEqual([
    expect.stringContaining("worker: consume orders: window: expected an integer from 0 to 0 seconds, got 5."),
    expect.stringContaining("worker: consume orders: batch: expected an integer from 1 to 10, got 11."),
  ]);
});

test("it works in a bare synthScope", () => {
  expect(Testing.synthScope((scope) => new FifoQueue(scope, "orders"))).toContain('"fifo_queue": true');
});
