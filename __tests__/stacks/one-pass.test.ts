import { SqsQueue } from "@cdktf/provider-aws/lib/sqs-queue";
import { App, Fn, Lazy, TerraformOutput, TerraformStack, Testing } from "cdktf";
import { Construct } from "constructs";
import { accounts } from "../../environments/accounts";
import { type Account, type Environment } from "../../environments/environment";
import { type System, systems } from "../../stacks";
import { addEnvironment } from "../../stacks/add-environment";
import { BaseStack } from "../../stacks/base-stack";
import { everyEnvironment } from "../support/synth";

class TestStack extends BaseStack {}

function testStack(app: App, environment: string): TestStack {
  return new TestStack(app, `${environment}-stack`, {
    system: "flow-builder",
    environment,
    name: `fb-${environment}`,
    account: { id: "111111111111", region: "eu-west-1" },
    repository: "groundplan",
  });
}

/** As CDKTF itself makes it, with its own passes. */
function byCdktf(stack: TerraformStack): unknown {
  TerraformStack.prototype.prepareStack.call(stack);
  return TerraformStack.prototype.toTerraform.call(stack);
}

test.each(everyEnvironment)("%s's %s is the same as CDKTF itself would write it", (name, environment) => {
  const system = systems[name] as System;
  const account = accounts[environment] as Account;
  const deployment = {
    system: name,
    environment,
    name: `${system.shortName}-${environment}`,
    account,
    repository: "r",
  };
  const app = new App();
  addEnvironment(app, system, deployment, system.environments[environment] as Environment);
  const stacks = app.node.children as BaseStack[];
  expect(stacks.length).toBeGreaterThan(1);
  for (const stack of stacks) expect(stack.toTerraform()).toStrictEqual(byCdktf(stack));
});

test("what no stack uses yet is the same too: overrides, moves, imports, lazy values, nested outputs", () => {
  const stack = testStack(new App(), "dev");
  const queue = new SqsQueue(stack, "queue", {
    name: Lazy.stringValue({ produce: () => "late" }),
    policy: Fn.jsonencode({ a: [undefined, "$${b}", 1, true], c: {} }),
    dependsOn: [new SqsQueue(stack, "first")],
    lifecycle: { ignoreChanges: ["name"], preventDestroy: true },
    provider: undefined,
  });
  queue.addOverride("tags.a", "b");
  queue.addOverride("fifo_queue", undefined);
  new SqsQueue(stack, "moved").moveFromId("aws_sqs_queue.before");
  new SqsQueue(stack, "imported").importFrom("https://sqs.eu-west-1.amazonaws.com/111111111111/imported");
  stack.addOverride("terraform.required_version", "1.12.0");
  stack.addOverride("resource.aws_sqs_queue.first.name", "from-the-stack");
  const nested = new Construct(stack, "nested");
  new TerraformOutput(nested, "url", { value: queue.url });
  new TerraformOutput(stack, "arn", { value: `${queue.arn}/*`, sensitive: true }).addOverride("description", "d");
  const ours = stack.toTerraform();
  expect(ours).toStrictEqual(byCdktf(stack));
  expect(JSON.stringify(ours)).toContain("from-the-stack");
});

test("a stack that refers to another is an error that names both the resource and its stack", () => {
  const app = new App();
  const queue = new SqsQueue(testStack(app, "dev"), "queue");
  const other = testStack(app, "staging");
  new SqsQueue(other, "queue", { name: queue.name });
  expect(() => Testing.synth(other)).toThrow(/aws_sqs_queue\.queue\.name is of dev-stack, and another stack refers/);
});
