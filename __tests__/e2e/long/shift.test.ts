import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { LambdaClient, UpdateAliasCommand } from "@aws-sdk/client-lambda";
import { live, pointAt } from "../../../tools/support/live-functions";
import { runningShift } from "../../../tools/support/shifts";
import { Sandbox } from "../support/sandbox";
import { steps, until } from "../support/steps";
import { type WorkingTree } from "../support/working-tree";

const STACK = "production-stack";
const ACCOUNT = "production-account-stack";
const API = "es-production-api";

const step = steps();
let sandbox: Sandbox;
let project: WorkingTree;

beforeAll(async () => {
  sandbox = await Sandbox.start("shift");
  project = await sandbox.checkout("production", { SYSTEM: "event-scheduling" });
});

afterAll(() => sandbox?.end());

step("Event Scheduling's production deploys, and its second plan is empty", async () => {
  await project.bootstrap("production");
  await project.cdktf("deploy", STACK, "--auto-approve");
  await project.cdktf("plan", STACK);
  await project.expectNoChanges(STACK);
  expect(await liveVersion()).toBe(1);
});

step("the account has its trail and its page of costs, and the second plan is empty", async () => {
  await project.cdktf("deploy", ACCOUNT, "--auto-approve");
  await project.cdktf("plan", ACCOUNT);
  await project.expectNoChanges(ACCOUNT);
});

step("a deploy publishes a new version and gives it nothing; the shift gives it all (simulated)", async () => {
  change("There is no ", "There is nothing at ");
  await project.cdktf("deploy", STACK, "--auto-approve");
  expect(await liveVersion()).toBe(1);
  expect(await project.tool("shift", "production")).toMatch(/api: version 2 has all the traffic, before it was 1/);
  expect(await liveVersion()).toBe(2);
  expect(await project.tool("shift", "production")).toContain("api: version 2 is the newest");
});

step("with weights on the alias, set through the API, the plan is empty", async () => {
  const weights = { AdditionalVersionWeights: { "1": 0.3 } };
  await new LambdaClient(sandbox.clients("production")).send(
    new UpdateAliasCommand({ FunctionName: API, Name: "live", RoutingConfig: weights }),
  );
  await project.plan(STACK);
  await project.expectNoChanges(STACK);
  await pointAt(API, 2, sandbox.clients("production"));
});

step("a version whose alarm goes off is taken back, and the shift says why (simulated)", async () => {
  change("There is nothing at ", "Nothing is at ");
  await project.cdktf("deploy", STACK, "--auto-approve");
  const shift = project.tryTool("shift", "production");
  await until("the shift is under way", 300, () => runningShift(API, sandbox.clients("production")));
  await setOff(`${API}-shift-error-rate`);
  const { exitCode, lines } = await shift;
  expect(exitCode).toBe(1);
  expect(lines.join("\n")).toMatch(
    /taken back, all the traffic goes to version 2\..*es-production-api-shift-error-rate/,
  );
  expect(await live(API, sandbox.clients("production"), "")).toEqual({ version: 2 });
});

step("a rollback points the alias back at once, and what is not there is refused", async () => {
  expect(await project.tool("rollback", "production", "api")).toContain("go to version 1; before, it was 2.");
  expect(await liveVersion()).toBe(1);
  const { exitCode, lines } = await project.tryTool("rollback", "production", "api", "--to", "99");
  expect([exitCode, lines.join("\n")]).toEqual([1, expect.stringContaining("has no version 99 (published: 3, 2, 1)")]);
  expect(await liveVersion()).toBe(1);
  await project.plan(STACK);
  await project.expectNoChanges(STACK);
});

async function liveVersion(): Promise<number> {
  return (await live(API, sandbox.clients("production"), "")).version;
}

/** At once: the AWS CLI may take longer to start than the whole shift does here. */
async function setOff(AlarmName: string): Promise<void> {
  const { accountId, region } = project.stack(STACK);
  const scope = `${accountId}/20260101/${region}/monitoring/aws4_request`;
  const answer = await fetch(String(project.env["AWS_ENDPOINT_URL"]), {
    method: "POST",
    headers: { authorization: `AWS4-HMAC-SHA256 Credential=${scope}, SignedHeaders=host, Signature=0` },
    body: new URLSearchParams({ Action: "SetAlarmState", AlarmName, StateValue: "ALARM", StateReason: "a test" }),
  });
  expect(answer.status).toBe(200);
}

/** What a developer does to the API's source. */
function change(from: string, to: string): void {
  const file = join(project.folder, "functions/event-scheduling/api/handler.ts");
  const source = readFileSync(file, "utf8");
  expect(source).toContain(from);
  writeFileSync(file, source.replace(from, to));
}
