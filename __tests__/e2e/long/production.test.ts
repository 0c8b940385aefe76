import { Sandbox } from "../support/sandbox";
import { steps } from "../support/steps";
import { type WorkingTree } from "../support/working-tree";

const step = steps();
let sandbox: Sandbox;
let staging: WorkingTree;
let production: WorkingTree;

beforeAll(async () => {
  sandbox = await Sandbox.start("production");
  staging = await sandbox.checkout("staging");
  production = await sandbox.checkout("production");
});

afterAll(() => sandbox?.end());

step("staging and production are bootstrapped, each in its own account", async () => {
  await Promise.all([staging.bootstrap("staging"), production.bootstrap("production")]);
  expect(staging.stack("staging-stack").accountId).not.toBe(production.stack("production-stack").accountId);
});

step("the first plans of staging and production only create", async () => {
  await Promise.all([staging.cdktf("plan", "staging-stack"), production.cdktf("plan", "production-stack")]);
  for (const { changes } of [await staging.planned("staging-stack"), await production.planned("production-stack")]) {
    expect(changes.length).toBeGreaterThan(100);
    expect(changes.filter(({ action }) => action !== "create")).toEqual([]);
  }
});

step("production deploys, and its second plan is empty", async () => {
  await production.cdktf("deploy", "production-stack", "--auto-approve");
  await production.cdktf("plan", "production-stack");
  await production.expectNoChanges("production-stack");
});

step("production cannot be destroyed: the plan already refuses, for the sake of what holds data", async () => {
  const { exitCode, lines } = await production.tryTerraform(
    "production-stack",
    "plan",
    "-destroy",
    "-input=false",
    "-no-color",
  );
  expect(exitCode).toBe(1);
  expect(lines.join("\n")).toMatch(/Error: Instance cannot be destroyed[^]*aws_db_instance\.database/);
});

step("credentials of another account are refused before anything is read or changed", async () => {
  const { exitCode, lines } = await production
    .with({ AWS_ACCESS_KEY_ID: "999999999999" })
    .tryCdktf("plan", "production-stack");
  expect(exitCode).not.toBe(0);
  expect(lines.join("\n")).toContain("AWS account ID not allowed: 999999999999");
});
