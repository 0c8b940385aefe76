import { Progress, planOutcome } from "../../tools/support/terraform-output";

/** The lines as cdktf prints them: the stack's name before the first of a batch, the others indented, the construct's path in brackets. */
const DEPLOY = `
dev-stack  aws_vpc.this (network): Refreshing state... [id=vpc-1]
dev-stack  Plan: 3 to add, 1 to change, 1 to destroy.
dev-stack  aws_sqs_queue.flows (flows): Creating...
           aws_vpc.network (network): Creating...
dev-stack  aws_vpc.network (network): Creation complete after 1s [id=vpc-1]
dev-stack  aws_sqs_queue.flows (flows): Still creating... [10s elapsed]
`.split("\n");

function fed(lines: readonly string[]): Progress {
  const progress = new Progress();
  lines.forEach((line) => progress.feed(line));
  return progress;
}

test("progress is counted from the plan, and names what has been waited for longest", () => {
  expect(fed(DEPLOY).toString()).toBe("1 of 5 resources, waiting for aws_sqs_queue.flows");
});

test("Terraform's own output, without cdktf, is followed as well", () => {
  const lines = [
    "Plan: 1 to import, 1 to add, 0 to change, 2 to destroy.",
    "aws_vpc.a: Destroying... [id=vpc-1]",
    "aws_vpc.a: Destruction complete after 0s",
  ];
  expect(fed(lines).toString()).toBe("1 of 4 resources");
});

test("until there is a plan, what was compared is counted", () => {
  expect(fed(DEPLOY.slice(0, 2)).toString()).toBe("1 resources compared with AWS");
});

test("only news are told", () => {
  const progress = fed(DEPLOY);
  expect(progress.feed("dev-stack  aws_sqs_queue.flows (flows): Still creating... [20s elapsed]")).toBe(false);
  expect(progress.feed("dev-stack  aws_sqs_queue.flows (flows): Creation complete after 25s")).toBe(true);
});

test("an empty plan is empty, and another one says what it changes", () => {
  expect(planOutcome(["dev-stack  No changes. Your infrastructure matches the configuration."])).toEqual({
    empty: true,
    summary: "no changes",
  });
  expect(planOutcome(DEPLOY)).toEqual({ empty: false, summary: "Plan: 3 to add, 1 to change, 1 to destroy." });
});

test("a plan that changes outputs only is not empty", () => {
  expect(planOutcome(["Changes to Outputs:", "  + url = 1"]).empty).toBe(false);
});
