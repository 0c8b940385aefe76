import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { openSync } from "node:fs";
import { family, processes } from "../../../tools/support/processes";
import { isLocked } from "../../../tools/support/remote-state";
import { lockInfo } from "../../../tools/support/terraform-errors";
import { terraformLine } from "../../../tools/support/terraform-output";
import { importStranded } from "../support/recovery";
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
}, 60_000);

afterAll(async () => {
  if (deploy?.exitCode === null && deploy.signalCode === null) await kill(deploy);
  await sandbox?.end();
}, 60_000);

step("a second deploy is refused while one holds the lock, and says who holds it", async () => {
  await project.bootstrap("dev");
  deploy = startDeploy(project);
  await until("the deploy holds the lock", 120, async () => ((await locked()) ? true : undefined));

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

step("a deploy killed in its midst leaves some resources in the state, and the lock", async () => {
  await until("the state has the first resources", 180, async () =>
    (await recorded()).length >= 10 ? true : undefined,
  );
  await kill(deploy);
  expect((await recorded()).length).toBeLessThan(project.resources(STACK).length);
  expect(await locked()).toBe(true);
});

step("after the runbook's unlock, and its import of what the state does not know, the deploy completes", async () => {
  const { exitCode, lines } = await project.tryCdktf("deploy", STACK, "--auto-approve");
  expect(exitCode).not.toBe(0);
  const { id } = lockInfo(lines.map(terraformLine).join("\n"));
  await project.terraform(STACK, "force-unlock", "-force", String(id));
  expect(await locked()).toBe(false);

  await until("the deploy completes", 600, async () => {
    const outcome = await project.tryCdktf("deploy", STACK, "--auto-approve");
    if (outcome.exitCode === 0) return true;
    await importStranded(project, sandbox, STACK, outcome);
    return undefined;
  });
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

function startDeploy({ cdktfCommand: [cdktf], folder, env, log }: WorkingTree): ChildProcess {
  const output = openSync(log, "a");
  return spawn(cdktf, ["deploy", STACK, "--auto-approve"], {
    cwd: folder,
    env,
    stdio: ["ignore", output, output],
    detached: true,
  });
}

/** All of it at once, from the top: cdktf, Terraform and the provider get no chance to tidy up. */
async function kill(child: ChildProcess): Promise<void> {
  const ended = once(child, "exit");
  for (const { pid } of family(await processes(), Number(child.pid))) process.kill(pid, "SIGKILL");
  await ended;
}
