import { AwsProvider } from "@cdktf/provider-aws/lib/provider";
import { App, TerraformStack, Testing } from "cdktf";
import { RESOURCELESS_ACTIONS, Role, type Statement } from "../../modules/iam";

function role(service: string, ...statements: Statement[]): { errors: string[]; json: Json } {
  const stack = new TerraformStack(new App(), "test");
  stack.node.setContext("account", "111111111111");
  new AwsProvider(stack, "aws");
  const made = new Role(stack, "worker", { service, description: "The worker" });
  if (statements.length > 0) made.allow("flows-consume", ...statements);
  const errors = stack.node.findAll().flatMap(({ node }) => node.validate());
  return { errors, json: JSON.parse(Testing.synth(stack)) as Json };
}

interface Json {
  resource: Record<string, Record<string, Record<string, string>>>;
}

const only = (json: Json, type: string): Record<string, string> => Object.values(json.resource[type] ?? {})[0] ?? {};

test("a role may do nothing until something is granted to it", () => {
  const { json } = role("ecs-tasks.amazonaws.com");
  expect(Object.keys(json.resource)).toEqual(["aws_iam_role"]);
});

test("one grant is one inline policy with its own name", () => {
  const { json, errors } = role("ecs-tasks.amazonaws.com", {
    actions: ["sqs:ReceiveMessage"],
    resources: ["arn:aws:sqs:::q"],
  });
  expect(errors).toEqual([]);
  expect(only(json, "aws_iam_role_policy")).toMatchObject({ name: "flows-consume" });
  expect(JSON.parse(String(only(json, "aws_iam_role_policy")["policy"]))).toEqual({
    Version: "2012-10-17",
    Statement: [{ Effect: "Allow", Action: ["sqs:ReceiveMessage"], Resource: ["arn:aws:sqs:::q"] }],
  });
});

test("what is denied under a condition is denied beside its own grant, for the same actions and resources", () => {
  const same = { actions: ["sqs:ReceiveMessage"], resources: ["arn:aws:sqs:::q"] };
  const deniedWhen = { ArnEquals: { "lambda:SourceFunctionArn": "arn:aws:lambda:::function:f" } };
  const { json } = role("lambda.amazonaws.com", { ...same, deniedWhen }, same);
  const statement = { Action: same.actions, Resource: same.resources };
  expect(JSON.parse(String(only(json, "aws_iam_role_policy")["policy"]))).toMatchObject({
    Statement: [
      { Effect: "Allow", ...statement },
      { Effect: "Deny", ...statement, Condition: deniedWhen },
      { Effect: "Allow", ...statement },
    ],
  });
});

test("a wildcard action is an error that names the grant", () => {
  const { errors } = role("ecs-tasks.amazonaws.com", { actions: ["sqs:*"], resources: ["arn:aws:sqs:::q"] });
  expect(errors).toEqual([
    expect.stringMatching(/worker: flows-consume: action: expected named actions, got "sqs:\*"/),
  ]);
});

test("a wildcard resource is an error but for the actions that AWS gives none", () => {
  const wild = (action: string): string[] =>
    role("ecs-tasks.amazonaws.com", { actions: [action], resources: ["*"] }).errors;
  expect(wild("sqs:SendMessage")).toEqual([
    expect.stringMatching(/resource of sqs:SendMessage: expected ARNs, got "\*"/),
  ]);
  for (const action of RESOURCELESS_ACTIONS) expect(wild(action)).toEqual([]);
});

test("a service that says for whom it acts may take the role for this account alone", () => {
  const trust = (service: string): object =>
    JSON.parse(String(only(role(service).json, "aws_iam_role")["assume_role_policy"])) as object;
  expect(trust("ecs-tasks.amazonaws.com")).toMatchObject({
    Statement: [{ Condition: { StringEquals: { "aws:SourceAccount": "111111111111" } } }],
  });
  expect(JSON.stringify(trust("lambda.amazonaws.com"))).not.toContain("Condition");
});
