import { type ChildProcess } from "node:child_process";
import { isLocked } from "../../../tools/support/remote-state";
import { lockInfo } from "../../../tools/support/terraform-errors";
import { terraformLine } from "../../../tools/support/terraform-output";
import { askDoctor, obeyDoctor } from "../support/doctor";
import { checkRuns, freeze, killAll, startCdktf } from "../support/kill";
import { Sandbox } from "../support/sandbox";
import { recordedAddresses } from "../support/state";
import { steps, until } from "../support/steps";
import { type WorkingTree } from "../support/working-tree";

const STACK = "dev-stack";

const step = steps();
let sandbox: Sandbox;
let project: WorkingTree;
let deploy: ChildProcess;

beforeAll(async () => {
  sandbox = await Sandbox.start("lock");
  project = await sandbox.checkout();
});

afterAll(async () => {
  if (deploy?.exitCode === null && deploy.signalCode === null) await killAll(deploy);
  await sandbox?.end();
});

step("a second deploy is refused while one holds the lock, and says who holds it", async () => {
  await project.bootstrap("dev");
  deploy = startCdktf(project, "deploy", STACK);
  // Terraform writes the state every 20 seconds, of the minutes that it waits for the database and others.
  await until("the state has the first resources", 900, async () => {
    checkRuns(deploy, project);
    return (await recorded()).length >= 10 ? true : undefined;
  });
  await freeze(deploy); // What follows may take its time.

  const colleague = await sandbox.checkout();
  const { exitCode, lines } = await colleague.tryCdktf("deploy", STACK, "--auto-approve");
  expect(exitCode).not.toBe(0);
  expect(lines.join("\n")).toContain("Error acquiring the state lock");
  expect(lockInfo(lines.map(terraformLine).join("\n"))).toMatchObject({
    id: expect.stringMatching(/^[\da-f-]{36}$/),
    who: expect.stringContaining("@"),
  });
  expect(deploy.exitCode).toBeNull();
});

step("the doctor takes no lock away from the living", async () => {
  const { healthy, findings } = await askDoctor(project);
  expect(healthy).toBe(false);
  expect(findings.find(({ chapter }) => chapter === "Lock")).toMatchObject({
    text: expect.stringContaining("may be alive"),
    commands: [],
  });
});

step("a deploy killed in its midst leaves some resources in the state, and the lock", async () => {
  await killAll(deploy);
  const left = (await recorded()).length;
  expect(left).toBeGreaterThanOrEqual(10);
  expect(left).toBeLessThan(project.resources(STACK).length);
  expect(await locked()).toBe(true);
});

step("after what the doctor says, the deploy completes", async () => {
  await obeyDoctor(project);
  expect(await locked()).toBe(false);
  await project.cdktf("deploy", STACK, "--auto-approve");
  await obeyDoctor(project);
});

step("and the plan after it is empty", async () => {
  await project.plan(STACK);
  await project.expectNoChanges(STACK);
});

function recorded(): Promise<string[]> {
  return recordedAddresses(sandbox.clients(), project.stack(STACK));
}

function locked(): Promise<boolean> {
  return isLocked(sandbox.clients(), project.stack(STACK));
}
