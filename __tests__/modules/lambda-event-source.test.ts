import { join } from "node:path";
import { type EventSourceProps, Function } from "../../modules/lambda";
import { Network } from "../../modules/networking";
import { Queue } from "../../modules/sqs";
import { inStack } from "../support/module";

const SOURCE = join(__dirname, "../../functions/flow-builder/scheduler/handler.ts");

const consuming = (props: EventSourceProps = {}, visibilityTimeout = 365, reservedConcurrency?: number) =>
  inStack((stack) => {
    const network = new Network(stack, "network", { cidr: "10.0.0.0/16", zones: 2, nat: "none" });
    const worker = new Function(stack, "worker", {
      network,
      entry: SOURCE,
      memory: 512,
      timeout: 60,
      logRetentionDays: 7,
      reservedConcurrency,
    });
    worker.consume(new Queue(stack, "flows", { visibilityTimeout }), props);
  });

test("a function takes messages in batches, under its alias, and says which of them failed", () => {
  const { only, errors } = consuming({ batch: 10, window: 5, maximumConcurrency: 5 });
  expect(errors).toEqual([]);
  expect(only("aws_lambda_event_source_mapping")).toMatchObject({
    event_source_arn: "${aws_sqs_queue.flows.arn}",
    function_name: "${aws_lambda_alias.worker_alias.arn}",
    batch_size: 10,
    maximum_batching_window_in_seconds: 5,
    function_response_types: ["ReportBatchItemFailures"],
    scaling_config: { maximum_concurrency: 5 },
    depends_on: ["aws_iam_role_policy.worker_role_flows-consume"],
  });
});

test("a visibility timeout below six times the function's and the window is an error with the numbers", () => {
  expect(consuming({ window: 5 }, 365).errors).toEqual([]);
  expect(consuming({ window: 5 }, 364).errors).toEqual([
    expect.stringMatching(
      /^flows: visibilityTimeout: expected at least 365 seconds: 6 × the 60 s of worker, .* got 364\./,
    ),
  ]);
});

test("more runs at a time than are reserved is an error with the numbers: what is refused counts as an attempt", () => {
  expect(consuming({ maximumConcurrency: 5 }, 365, 5).errors).toEqual([]);
  expect(consuming({ maximumConcurrency: 6 }, 365, 5).errors).toEqual([
    expect.stringMatching(
      /^worker: consume flows: maximumConcurrency: expected at most the 5 runs of .* reservedConcurrency, got 6\./,
    ),
  ]);
});

test.each<[EventSourceProps, string]>([
  [{ batch: 11 }, "batch: expected an integer from 1 to 10, got 11. Lambda takes more than 10 only with a window"],
  [{ batch: 0 }, "batch: expected an integer from 1 to 10, got 0."],
  [{ window: 301 }, "window: expected an integer from 0 to 300 seconds, got 301."],
  [{ maximumConcurrency: 1 }, "maximumConcurrency: expected an integer from 2 to 1000 runs, got 1."],
])("%j is an error that says what may be", (props, message) => {
  expect(consuming(props, 43_200).errors).toEqual([expect.stringContaining(`worker: consume flows: ${message}`)]);
});
