import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createServer, type Server } from "node:http";
import { type AddressInfo } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { type TerraformStack } from "cdktf";
import { environmentApp } from "../support/synth";
import { until } from "../e2e/support/steps";
import "../../tools/support/aws-clients";
import { migrateFunction, invokeMigrate } from "../../tools/support/migrate-function";
import { type Failure, Interrupted, told as failureTold } from "../../tools/support/failure";
import { type StackFolder } from "../../tools/support/stack-folder";

jest.mock("../../tools/support/run", () => ({ interruptions: () => signals }));

const NAME = "es-dev-migrate";
const folder = mkdtempSync(join(tmpdir(), "migrate-"));
let server: Server;
let answer: { status?: number; error?: string; body: unknown } | "silence" | "a broken connection";
let asked: { path: string | undefined; body: string }[];
let told: string[];
let signals = 0;

beforeAll(async () => {
  server = createServer((request, response) => {
    let body = "";
    request.on("data", (chunk: Buffer) => (body += chunk.toString()));
    request.on("end", () => {
      asked.push({ path: request.url, body });
      if (answer === "silence") return;
      if (answer === "a broken connection") {
        request.socket.destroy();
        return;
      }
      const headers =
        answer.error === undefined ? {} : { "x-amz-function-error": "Unhandled", "x-amzn-errortype": answer.error };
      response.writeHead(answer.status ?? 200, headers).end(JSON.stringify(answer.body));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
});
afterAll(() => {
  server.close();
  server.closeAllConnections();
  rmSync(folder, { recursive: true });
});
beforeEach(() => {
  asked = [];
  told = [];
  signals = 0;
});

const invoke = () =>
  invokeMigrate(
    {
      name: NAME,
      environment: "dev",
      clients: {
        region: "eu-west-1",
        endpoint: `http://127.0.0.1:${String((server.address() as AddressInfo).port)}`,
        credentials: { accessKeyId: "111111111111", secretAccessKey: "test" },
      },
    },
    { command: "down", steps: 2 },
    (progress) => told.push(progress),
  );

test("the function is asked once, and what it did is told", async () => {
  const report = { applied: [], undone: ["0002_b", "0001_a"], present: [], pending: ["0001_a", "0002_b"] };
  answer = { body: report };
  expect(await invoke()).toEqual(report);
  expect(asked).toEqual([
    { path: `/2015-03-31/functions/${NAME}/invocations`, body: JSON.stringify({ command: "down", steps: 2 }) },
  ]);
});

test("what went wrong in it is told in its own words, with the way to its log, and is not tried again", async () => {
  answer = { error: "Error", body: { errorType: "Error", errorMessage: "0001_a was changed after it was applied." } };
  await expect(invoke()).rejects.toMatchObject({
    message: "0001_a was changed after it was applied.",
    advice: { next: `aws logs tail /aws/lambda/${NAME} --since 1h` },
  });
  expect(asked).toHaveLength(1);
});

test("a lost answer is no end: it may go on, and --status tells", async () => {
  answer = "a broken connection";
  await expect(invoke()).rejects.toMatchObject({
    message: expect.stringMatching(/was lost \(.*\)\. The migration may go on/),
    advice: { next: "npm run migrate -- dev --status" },
  });
  expect(asked).toHaveLength(1);
});

test("a first ctrl-C waits for its end and says so once; a second one leaves it going", async () => {
  answer = "silence";
  const ended = invoke().catch((error: unknown) => error);
  signals = 1;
  await until("it says that it waits", 60, () => Promise.resolve(told.length > 0 || undefined));
  await sleep(600);
  expect(told).toEqual([expect.stringContaining("a second ctrl-C leaves it going")]);
  signals = 2;
  const error = await ended;
  expect(error).toBeInstanceOf(Interrupted);
  expect(error).toMatchObject({
    message: expect.stringContaining("may go on"),
    advice: { next: "npm run migrate -- dev --status" },
  });
});

test("a function that is not deployed is told so", async () => {
  answer = { status: 404, error: "ResourceNotFoundException", body: { Message: "Function not found" } };
  await expect(invoke()).rejects.toThrow(`The function ${NAME} is not deployed.`);
});

describe("the stack's function", () => {
  const stack = (functions: object): StackFolder => {
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, "cdk.tf.json"), JSON.stringify({ resource: { aws_lambda_function: functions } }));
    return { folder, deployment: "es-42-dev", environment: "dev", system: "event-scheduling" } as StackFolder;
  };
  const resource = (path: string) => ({
    function_name: `es-dev-${path}`,
    "//": { metadata: { path: `dev-stack/${path}/this`, uniqueId: path } },
  });

  test("is the one whose place is migrate", () => {
    expect(migrateFunction(stack({ api: resource("api"), migrate: resource("migrate") }))).toBe(NAME);
  });

  const refusal = (of: StackFolder): string => {
    try {
      return migrateFunction(of);
    } catch (error) {
      return failureTold(error as Failure);
    }
  };

  test("is missed where there is none, and no other system is told", () => {
    expect(refusal(stack({ api: resource("api") }))).toBe(
      [
        'es-42-dev has no function "migrate": its images migrate by themselves, or there is no database. The way back: docs/runbook.md, "A migration taken back".',
        "Next: SYSTEM=event-scheduling PREFIX=es-42 npm run release -- dev",
      ].join("\n"),
    );
  });

  test("is missed where a task migrates, with the release that runs it", () => {
    const { app } = environmentApp("workflow-orchestrator", "dev");
    const synthesized = app.node.findChild("dev-stack") as TerraformStack;
    synthesized.prepareStack();
    const of = stack({});
    writeFileSync(join(folder, "cdk.tf.json"), JSON.stringify(synthesized.toTerraform()));
    expect(refusal({ ...of, system: "workflow-orchestrator", deployment: "wo-dev" })).toMatch(
      /^wo-dev has no function "migrate": its migrations run as a task [^]*docs\/runbook\.md[^]*\nNext: SYSTEM=workflow-orchestrator PREFIX=wo npm run release -- dev --migrate$/,
    );
  });
});
