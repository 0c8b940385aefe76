import { SqsQueue } from "@cdktf/provider-aws/lib/sqs-queue";
import { App, Testing } from "cdktf";
import { Construct } from "constructs";
import { type Deployment } from "../../deployment";
import { physicalName } from "../../modules/naming";
import { BaseStack } from "../../stacks/base-stack";

const deployment: Deployment = {
  system: "flow-builder",
  environment: "dev",
  name: "fb-42-dev",
  account: { id: "111111111111", region: "eu-west-1" },
  repository: "groundplan",
};

class TestStack extends BaseStack {}

function stack(build: (stack: BaseStack) => void): { errors: string[]; json: Json } {
  const stack = new TestStack(new App(), "dev-stack", deployment);
  build(stack);
  const errors = stack.node.findAll().flatMap(({ node }) => node.validate());
  return { errors, json: JSON.parse(Testing.synth(stack)) as Json };
}

interface Json {
  terraform: { required_version: string; backend: { s3: Record<string, unknown> } };
  provider: { aws: Record<string, unknown>[] };
  resource: { aws_sqs_queue: Record<string, { name: string }> };
}

function queue(scope: Construct, ...path: string[]): SqsQueue {
  const [id, ...rest] = path;
  if (rest.length > 0)
    return queue(
      (scope.node.tryFindChild(String(id)) as Construct | undefined) ?? new Construct(scope, String(id)),
      ...rest,
    );
  const made = new SqsQueue(scope, String(id), {});
  made.name = physicalName(made, { max: 80 });
  return made;
}

test("the state is remote, encrypted, locked twice and guarded by account", () => {
  const { json } = stack(() => undefined);
  expect(json.terraform.backend.s3).toEqual({
    bucket: "groundplan-dev-state-111111111111",
    key: "flow-builder/fb-42-dev/terraform.tfstate",
    region: "eu-west-1",
    encrypt: true,
    dynamodb_table: "groundplan-dev-state-lock",
    use_lockfile: true,
    allowed_account_ids: ["111111111111"],
  });
});

test("the provider refuses other accounts, tags everything, and says nothing of where it is run", () => {
  const { json } = stack(() => undefined);
  expect(json.provider.aws).toEqual([
    {
      region: "eu-west-1",
      allowed_account_ids: ["111111111111"],
      default_tags: [
        {
          tags: {
            system: "flow-builder",
            environment: "dev",
            deployment: "fb-42-dev",
            "managed-by": "terraform",
            repository: "groundplan",
          },
        },
      ],
    },
  ]);
});

test("path, address and AWS name are the same words, and the primary resource's id vanishes", () => {
  const { json, errors } = stack((scope) => {
    queue(scope, "flows", "this");
    queue(scope, "flows", "dead-letters");
  });
  expect(errors).toEqual([]);
  expect(json.resource.aws_sqs_queue["flows"]?.name).toBe("fb-42-dev-flows");
  expect(json.resource.aws_sqs_queue["flows_dead-letters"]?.name).toBe("fb-42-dev-flows-dead-letters");
});

test("two constructs on one address fail the synth with both paths", () => {
  const { errors } = stack((scope) => {
    queue(scope, "flows", "this");
    queue(scope, "flows", "this2", "this");
    queue(scope, "a", "b_c");
    queue(scope, "a_b", "c");
  });
  expect(errors).toContainEqual(
    expect.stringMatching(/dev-stack\/a\/b_c and dev-stack\/a_b\/c are both aws_sqs_queue\.a_b_c/),
  );
});

test("two resources of a type with one AWS name fail the synth with both paths", () => {
  const { errors } = stack((scope) => {
    queue(scope, "a-b", "c");
    queue(scope, "a", "b-c");
  });
  expect(errors).toEqual([
    expect.stringMatching(/dev-stack\/a-b\/c and dev-stack\/a\/b-c are both aws_sqs_queue "fb-42-dev-a-b-c" in AWS/),
  ]);
});
