import { isDeepStrictEqual } from "node:util";
import { ECSClient, DescribeServicesCommand } from "@aws-sdk/client-ecs";
import { InvokeCommand, LambdaClient } from "@aws-sdk/client-lambda";
import {
  DescribeSecretCommand,
  GetSecretValueCommand,
  RotateSecretCommand,
  SecretsManagerClient,
} from "@aws-sdk/client-secrets-manager";
import { leftovers } from "../../../tools/support/leftovers";
import { deleteTaskDefinitions } from "../../../tools/support/task-definitions";
import { Sandbox } from "../support/sandbox";
import { filesBelow, placesWith, secretValues } from "../support/secrets";
import { stateVersions } from "../support/state";
import { steps, until } from "../support/steps";
import { type WorkingTree } from "../support/working-tree";

const STACK = "dev-stack";
const APP = ["--app", "node_modules/.bin/ts-node -T __tests__/fixtures/rotation-system.ts"];

const step = steps();
let sandbox: Sandbox;
let project: WorkingTree;
let outputs: Readonly<Record<string, string>>;
/** Every value that any secret has had. */
const values = new Set<string>();

beforeAll(async () => {
  sandbox = await Sandbox.start("rotation");
  const tree = await sandbox.checkout();
  await tree.bootstrap("dev");
  project = tree.with({ SYSTEM: "rotation", PREFIX: "rt" });
});

afterAll(() => sandbox?.end());

step("an apply makes the database, its login and what waits for it, and the plan after it is empty", async () => {
  await project.cdktf("deploy", STACK, "--auto-approve", ...APP);
  outputs = await project.outputs(STACK);
  await unchanged();
});

step("the login works at once, for the function that uses it", async () => {
  expect(await read()).toEqual({ login: "app_a", role: "app" });
});

step("two rotations leave the plan empty, and the function reads the new logins by itself", async () => {
  for (const user of ["app_b", "app_a"]) {
    const before = await deployments();
    await rotate();
    expect(await read()).toMatchObject({ role: "app" });
    expect(JSON.parse((await login()).SecretString ?? "")).toMatchObject({ username: user });
    // The last thing that a rotation does, after the new login is current.
    await until("the service is rolled", 300, async () =>
      isDeepStrictEqual(await deployments(), before) ? undefined : true,
    );
    await unchanged();
  }
  // The one from before the first rotation has been given another password by now, which the function was told by PostgreSQL.
  expect(await read()).toEqual({ login: "app_a", role: "app" });
});

step("an apply that makes the first login again leaves the one that works as it is", async () => {
  const before = await login();
  await project.terraform(STACK, "taint", "aws_lambda_invocation.login_first-value");
  await project.plan(STACK);
  await project.apply(STACK);
  expect((await login()).VersionId).toBe(before.VersionId);
  await unchanged();
});

step(
  "no value that a secret ever had is in the plan, in cdktf.out, in any output, or in any version of the state",
  async () => {
    await remember();
    expect(values.size).toBeGreaterThanOrEqual(4);
    const states = await stateVersions(sandbox.clients(), project.stack(STACK));
    const { json } = await project.planned(STACK);
    const places = [...filesBelow(project.folder), ...states, { where: "terraform show", bytes: Buffer.from(json) }];
    expect(placesWith([...values], places)).toEqual([]);
  },
);

step("destroy leaves nothing", async () => {
  expect((await leftovers("rt-dev", sandbox.clients())).length).toBeGreaterThan(20);
  await project.cdktf("destroy", STACK, "--auto-approve", ...APP);
  expect(await project.addresses(STACK)).toEqual([]);
  await deleteTaskDefinitions("rt-dev", sandbox.clients());
  expect(await leftovers("rt-dev", sandbox.clients())).toEqual([]);
});

async function unchanged(): Promise<void> {
  await remember();
  await project.cdktf("plan", STACK, ...APP);
  await project.expectNoChanges(STACK);
}

async function remember(): Promise<void> {
  for (const value of await secretValues(sandbox.clients())) {
    values.add(value);
    if (value.startsWith("{")) values.add((JSON.parse(value) as { password: string }).password);
  }
}

/** What an operator does, and what Secrets Manager does by itself when it is time. */
async function rotate(): Promise<void> {
  const client = new SecretsManagerClient(sandbox.clients());
  const SecretId = outputs["login_secret"];
  const { VersionId = "" } = await client.send(new RotateSecretCommand({ SecretId }));
  await until("the rotation is finished", 300, async () => {
    const { LastRotatedDate, VersionIdsToStages } = await client.send(new DescribeSecretCommand({ SecretId }));
    return VersionIdsToStages?.[VersionId]?.includes("AWSCURRENT") ? (LastRotatedDate ?? true) : undefined;
  });
}

function login() {
  return new SecretsManagerClient(sandbox.clients()).send(
    new GetSecretValueCommand({ SecretId: outputs["login_secret"] }),
  );
}

async function read(): Promise<unknown> {
  const client = new LambdaClient(sandbox.clients());
  const { Payload, FunctionError } = await client.send(
    new InvokeCommand({ FunctionName: outputs["reader_function"], Qualifier: "live" }),
  );
  const answer = Buffer.from(Payload ?? []).toString();
  if (FunctionError) throw new Error(answer);
  return JSON.parse(answer);
}

async function deployments(): Promise<unknown> {
  const { services = [] } = await new ECSClient(sandbox.clients()).send(
    new DescribeServicesCommand({ cluster: "rt-dev-cluster", services: ["rt-dev-worker"] }),
  );
  return services.map(({ deployments: all }) => all?.map(({ id }) => id));
}
