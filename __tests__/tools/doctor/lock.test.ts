import { spawnSync } from "node:child_process";
import { hostname } from "node:os";
import { isBusy, lockFindings } from "../../../tools/doctor/lock";
import { type Lock, parseLock } from "../../../tools/support/state-lock";
import { isOrphan } from "../../../tools/doctor/runners";

const stack = { bucket: "states", key: "flow-builder/fb-dev/terraform.tfstate", lockTable: "locks" };
const lock: Lock = {
  id: "5dea5a86-aa2f-289c-acfe-81d8bb794f99",
  operation: "OperationTypeApply",
  who: "ada@laptop",
  created: "2026-11-21T12:00:00.011604881Z",
};
const later = new Date("2026-11-21T12:14:00Z");
const terraform = { pid: 7, name: "terraform", orphan: false };
const provider = { pid: 8, name: "terraform-provi", orphan: true };

const findings = (
  ...[locks, runners = [], now = later]: [
    Parameters<typeof lockFindings>[2],
    { pid: number; name: string; orphan: boolean }[]?,
    Date?,
  ]
) => lockFindings("dev-stack", stack, locks, runners, now);

test("a lock is told with who holds it, since when and from where, and the command that takes it away", () => {
  const [held] = findings({ object: lock, item: lock });
  expect(held?.text).toContain(
    "held by a Terraform apply of ada@laptop since 2026-11-21 12:00:00 UTC (14 minutes ago) (lock 5dea5a86-aa2f-289c-acfe-81d8bb794f99)",
  );
  expect(held).toMatchObject({
    level: "problem",
    unlocks: true,
    commands: [["terraform", "-chdir=cdktf.out/stacks/dev-stack", "force-unlock", "-force", lock.id]],
  });
});

test("a lock of this machine, on which no Terraform runs there, is said to be a killed one's", () => {
  const mine = { ...lock, who: `ada@${hostname()}` };
  expect(findings({ object: mine, item: mine })[0]?.text).toContain("it was killed");
});

test("while a Terraform runs in the stack's folder there is no command: its lock is not to be taken away", () => {
  expect(findings({ object: lock, item: lock }, [terraform])).toMatchObject([{ level: "problem", commands: [] }]);
  expect(isBusy({ item: lock }, [terraform])).toBe(true);
  expect(isBusy({}, [terraform])).toBe(false);
});

test("half a lock is deleted by itself, since force-unlock would say that it failed", () => {
  expect(findings({ object: lock })[0]?.commands).toEqual([
    ["aws", "s3api", "delete-object", "--bucket", "states", "--key", `${stack.key}.tflock`],
  ]);
  expect(findings({ item: lock })[0]?.commands).toEqual([
    [
      ...["aws", "dynamodb", "delete-item", "--table-name", "locks"],
      ...["--key", `{"LockID":{"S":"states/${stack.key}"}}`],
    ],
  ]);
});

test("half a lock of the last seconds may be a whole in the making", () => {
  const [young] = findings({ object: lock }, [], new Date("2026-11-21T12:00:05Z"));
  expect(young).toMatchObject({ level: "problem", commands: [], text: expect.stringContaining("Ask again") });
});

test("two different locks are both told, and both deleted", () => {
  const [both] = findings({ object: lock, item: { ...lock, id: "other", who: "bob@ci" } });
  expect(both?.text).toMatch(/ada@laptop.*bob@ci/);
  expect(both?.commands).toHaveLength(2);
});

test("a provider whose Terraform was killed is told, lock or not", () => {
  expect(findings({}, [provider])).toMatchObject([
    { level: "fact", text: "free" },
    { level: "problem", commands: [["sh", "-c", "kill 8 || true"]] },
  ]);
});

test("what a killed Terraform left makes nothing fail by having ended meanwhile, and nothing is compared while it works", () => {
  const [, left] = findings({}, [{ ...provider, pid: 4_194_303 + 1 }]); // Beyond what Linux gives.
  const [program, ...args] = left?.commands[0] ?? [""];
  expect(spawnSync(program, args).status).toBe(0);
  expect(isBusy({}, [provider])).toBe(true);
  expect(isBusy({ item: lock }, [provider])).toBe(true);
});

test("what is left of a killed Terraform is ended before its lock is taken away", () => {
  const [first, second] = findings({ object: lock, item: lock }, [provider]);
  expect(first?.commands).toEqual([["sh", "-c", "kill 8 || true"]]);
  expect(second?.unlocks).toBe(true);
});

test("a provider is an orphan when its parent is no Terraform", () => {
  const parent = { pid: 7, parent: 1, name: "terraform" };
  const child = { pid: 8, parent: 7, name: "terraform-provi" };
  expect(isOrphan(child, [parent, child])).toBe(false);
  expect(isOrphan({ ...child, parent: 1 }, [parent, child])).toBe(true);
  expect(isOrphan(parent, [parent])).toBe(false);
});

test("a note that Terraform did not write is a lock all the same", () => {
  expect(parseLock("?")).toMatchObject({ who: "somebody whose note cannot be read" });
  expect(parseLock(undefined)).toBeUndefined();
});
