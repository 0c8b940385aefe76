import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { UsageError } from "../../deployment";
import { chosenDeployment, chosenPrefix } from "../../tools/support/chosen-deployment";

const root = mkdtempSync(join(tmpdir(), "checkout-"));
const prefix = (previews: boolean, branch: string, env: Readonly<Record<string, string>> = {}): string => {
  mkdirSync(join(root, ".git"), { recursive: true });
  writeFileSync(join(root, ".git", "HEAD"), branch === "" ? `${"0".repeat(40)}\n` : `ref: refs/heads/${branch}\n`);
  return chosenPrefix({ shortName: "fb" }, { previews }, root, env);
};

afterAll(() => {
  rmSync(root, { recursive: true });
});

test("a ticket's branch or number chooses a preview, and leaves an environment without previews alone", () => {
  expect(prefix(true, "feature/fb-42-x")).toBe("fb-42");
  expect(prefix(false, "feature/fb-42-x")).toBe("fb");
  expect(prefix(false, "main", { PREFIX: "fb-42" })).toBe("fb");
});

test("a branch or a PREFIX of another system is refused everywhere: whoever asks means that one", () => {
  for (const previews of [true, false]) {
    expect(() => prefix(previews, "feature/wo-42-x")).toThrow("Set SYSTEM=workflow-orchestrator");
    for (const PREFIX of ["wo", "wo-42", "x;y"]) expect(() => prefix(previews, "main", { PREFIX })).toThrow(UsageError);
  }
});

test("a commit without a branch may be released where no branch chooses", () => {
  expect(prefix(false, "")).toBe("fb");
  expect(() => prefix(true, "")).toThrow("The HEAD is detached");
});

test.each(["constructor", "__proto__", "toString", "nothing"])("%s is no system, and is told so", (SYSTEM) => {
  expect(() => chosenDeployment("dev", { SYSTEM })).toThrow(`SYSTEM: expected one of flow-builder,`);
});
