import { explain } from "../../tools/support/terraform-errors";

const context = { stack: "dev-stack", environment: "dev", accountId: "111111111111", again: "npm run local" };

const lines = (text: string): string[] => text.split("\n");

const HELD = `
dev-stack  Error: Error acquiring the state lock

           Error message: operation error DynamoDB: PutItem, https response error
           StatusCode: 400, ConditionalCheckFailedException: The conditional request failed
           Lock Info:
             ID:        5dea5a86-aa2f-289c-acfe-81d8bb794f99
             Path:      bucket/flow-builder/fb-dev/terraform.tfstate
             Operation: OperationTypeApply
             Who:       ada@laptop
             Version:   1.11.4
             Created:   2026-11-21 09:55:05.011604881 +0000 UTC
             Info:
`;

test("a held lock says who holds it, since when, and how to unlock it", () => {
  const { message, next } = explain(lines(HELD), context);
  expect(message).toContain(
    "The state of dev-stack is locked by a Terraform apply of ada@laptop since 2026-11-21 09:55:05 UTC.",
  );
  expect(next).toBe("terraform -chdir=cdktf.out/stacks/dev-stack force-unlock 5dea5a86-aa2f-289c-acfe-81d8bb794f99");
});

test("on the local AWS, unlocking begins with its environment", () => {
  const { next } = explain(lines(HELD), { ...context, prelude: 'eval "$(npm run --silent local -- env)"' });
  expect(next).toMatch(/^eval "\$\(npm run --silent local -- env\)" && terraform .* force-unlock 5dea5a86/);
});

test("another account's credentials are told with both numbers", () => {
  const { message } = explain(lines("Error: Invalid account ID\n\nAWS account ID not allowed: 123456789012"), context);
  expect(message).toMatch(/account 123456789012, but dev is in account 111111111111/);
});

test("missing credentials name the account, and both ways to get some", () => {
  const { message } = explain(lines("Error: No valid credential sources found"), context);
  expect(message).toMatch(/account 111111111111.*AWS_PROFILE.*npm run --silent local -- env/);
});

test("a missing state bucket leads to the bootstrap", () => {
  const error = 'Error: Failed to get existing workspaces: S3 bucket "groundplan-dev-state-1" does not exist.';
  expect(explain(lines(error), context)).toEqual({
    message: "The state bucket groundplan-dev-state-1 of dev does not exist yet.",
    next: "npm run bootstrap -- dev",
  });
});

test("a local AWS that does not answer leads to npm run local", () => {
  const error =
    'Error: validating provider credentials: Post "http://127.0.0.1:4566/": dial tcp 127.0.0.1:4566: connect: connection refused';
  expect(explain(lines(error), context)).toEqual({
    message: "The local AWS does not run on port 4566.",
    next: "npm run local",
  });
});

test("an unreachable registry says which provider is missing", () => {
  expect(explain(lines("Error: Failed to query available provider packages"), context).message).toContain(
    "AWS provider 5.100.0",
  );
});

test("what the app itself says at synth is told as it is, without cdktf's frame or a stack trace", () => {
  const output = `ERROR: cdktf encountered an error while synthesizing

Synth command: node_modules/.bin/ts-node -T main.ts
Error:         non-zero exit code 1

Command output on stderr:

    dev-stack: api: memory: expected 1024 to 4096 MiB, got 512. Raise it.
    dev-stack: logs: expected 1, 3 or 5, got 2. Take one of them.

`;
  expect(explain(lines(output), context).message).toBe(
    "dev-stack: api: memory: expected 1024 to 4096 MiB, got 512. Raise it.\ndev-stack: logs: expected 1, 3 or 5, got 2. Take one of them.",
  );
});

test("what a killed run left, unknown to the state, leads to the doctor", () => {
  const output = `
dev-stack  Error: creating RDS DB Instance (fb-dev-database): operation error RDS: CreateDBInstance, DBInstanceAlreadyExists: DB instance fb-dev-database already exists

             with aws_db_instance.database (database/this),
             on cdk.tf.json line 763
`;
  const { message, next } = explain(lines(output), context);
  expect(explain(lines(output), { ...context, prelude: "eval" }).next).toBe("npm run doctor -- dev --local");
  expect(message).toContain("aws_db_instance.database exists in AWS, but the state does not know it");
  expect(message).toContain("go on with npm run local");
  expect(next).toBe("npm run doctor -- dev");
});

describe("a state that OpenTofu wrote", () => {
  const output = `
Error: Failed to query available provider packages

Could not retrieve the list of available versions for provider
registry.opentofu.org/hashicorp/aws: could not connect to
registry.opentofu.org: failed to request discovery document: Get
"https://registry.opentofu.org/.well-known/terraform.json": proxyconnect tcp:
dial tcp 127.0.0.1:9: connect: connection refused

Error: Missing required provider

This state requires provider registry.opentofu.org/hashicorp/aws, but that
provider isn't available.
`;

  afterEach(() => {
    delete process.env["TERRAFORM_BINARY_NAME"];
  });

  test("is told as that, with the command by which Terraform takes it over", () => {
    const { message, next } = explain(lines(output), context);
    expect(message).toContain("The state of dev-stack was written by OpenTofu");
    expect(next).toBe(
      "terraform -chdir=cdktf.out/stacks/dev-stack state replace-provider -auto-approve registry.opentofu.org/hashicorp/aws registry.terraform.io/hashicorp/aws",
    );
  });

  test("is no explanation when OpenTofu itself does not reach its registry", () => {
    process.env["TERRAFORM_BINARY_NAME"] = "tofu";
    const { message, next } = explain(lines(output), context);
    expect(message).toContain("OpenTofu could not get the AWS provider 5.100.0");
    expect(next).toBe("curl -I https://registry.opentofu.org");
  });
});

test("any other error is Terraform's own, with the command that goes on", () => {
  const output = `
dev-stack  Error: creating SQS Queue (fb-dev-flows): AccessDenied: not today

             with aws_sqs_queue.flows,
             on cdk.tf.json line 12
`;
  const { message, next } = explain(lines(output), context);
  expect(message).toContain("Error: creating SQS Queue (fb-dev-flows): AccessDenied: not today");
  expect(message).toContain("with aws_sqs_queue.flows");
  expect(next).toBe("npm run local");
});

test("a condition that failed is told in its own words, without the box that it is printed in", () => {
  const printed = `
│ Error: Resource postcondition failed
│
│   on cdk.tf.json line 1284, in resource.aws_ecs_service.api.lifecycle.postcondition[0]:
│ 1284:             "condition": "\${(self.task_definition == aws_ecs_task_definition.api_task.arn)}",
│
│ The rollout of api failed: its new tasks did not become steady, and ECS
│ went back to the ones before.
╵
`;
  expect(explain(lines(printed), context).message).toBe(
    "The rollout of api failed: its new tasks did not become steady, and ECS went back to the ones before.",
  );
});

test.each([
  ["dial tcp: lookup s3.eu-west-1.amazonaws.com: no such host", "s3.eu-west-1.amazonaws.com cannot be found"],
  ["Error: getaddrinfo EAI_AGAIN ecs.eu-west-1.amazonaws.com", "ecs.eu-west-1.amazonaws.com cannot be found"],
  ["dial tcp 52.95.1.1:443: i/o timeout", "AWS does not answer (dial tcp 52.95.1.1:443: i/o timeout)"],
  ["read tcp 10.0.0.2:5->52.9.1.1:443: read: connection reset by peer", "(connection reset by peer)"],
])("a lost network is told, with the command that goes on: %s", (printed, said) => {
  expect(explain([printed], context)).toMatchObject({ message: expect.stringContaining(said), next: context.again });
});

test("a state that could not be written is not to be lost: the doctor is next", () => {
  const { message, next } = explain(
    ["Error: Failed to save state", "Error saving state: dial tcp: no such host"],
    context,
  );
  expect(message).toContain("cdktf.out/stacks/dev-stack/errored.tfstate: do not delete that file");
  expect(next).toBe("npm run doctor -- dev");
});
