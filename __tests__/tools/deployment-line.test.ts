import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Announced, announce, deploymentLine, prefixOrigin } from "../../tools/support/deployment-line";

const stack: Announced = {
  system: "flow-builder",
  environment: "dev",
  deployment: "fb-42-dev",
  accountId: "111111111111",
  region: "eu-west-1",
};
let checkout: string;
const head = (text: string): void => writeFileSync(join(checkout, ".git", "HEAD"), text);

beforeEach(() => {
  checkout = mkdtempSync(join(tmpdir(), "line-"));
  mkdirSync(join(checkout, ".git"));
  head("ref: refs/heads/feature/fb-42-add-retries\n");
});
afterEach(() => {
  rmSync(checkout, { recursive: true });
});

test("the line says which deployment it is, of what, where, and what chose it", () => {
  const origin = prefixOrigin(stack, {}, checkout);
  expect(deploymentLine(stack, { origin })).toBe(
    "fb-42-dev: flow-builder, dev, account 111111111111, eu-west-1, by the branch feature/fb-42-add-retries",
  );
  expect(deploymentLine(stack, { endpoint: "http://127.0.0.1:4566" })).toBe(
    "fb-42-dev: flow-builder, dev, account 111111111111, eu-west-1 at http://127.0.0.1:4566",
  );
});

test("PREFIX, and a CI's variable, are named as what chose it", () => {
  expect(prefixOrigin(stack, { PREFIX: "fb-42" }, checkout)).toBe("by PREFIX");
  head("2f1d1e5b8c3f4a6e9d7c5b3a1f0e8d6c4b2a0918\n");
  expect(prefixOrigin(stack, { GITHUB_HEAD_REF: "bug/fb-42-x" }, checkout)).toBe(
    "by the branch bug/fb-42-x (GITHUB_HEAD_REF)",
  );
});

test("nothing chooses the prefix of an environment without previews, or of a state stack", () => {
  const production = { ...stack, environment: "production", deployment: "fb-production" };
  expect(prefixOrigin(production, { PREFIX: "fb-42" }, checkout)).toBeUndefined();
  expect(prefixOrigin({ ...stack, system: "state", deployment: "state-dev" }, {}, checkout)).toBeUndefined();
});

test("what was synthesized on another branch is told, with what this one would be", () => {
  head("ref: refs/heads/main\n");
  expect(prefixOrigin(stack, {}, checkout)).toBe(
    "as it was synthesized last; the branch main is fb-dev: npx cdktf synth",
  );
  expect(prefixOrigin(stack, { PREFIX: "nonsense" }, checkout)).toBe(
    'as it was synthesized last; PREFIX: expected fb or fb-<number>, got "nonsense"',
  );
});

test("a branch that can be no deployment of the system is told too, with the reason", () => {
  head("ref: refs/heads/feature/wo-42-x\n");
  expect(prefixOrigin(stack, {}, checkout)).toBe(
    'as it was synthesized last; the branch "feature/wo-42-x" is of workflow-orchestrator',
  );
  head(`${"0".repeat(40)}\n`);
  expect(prefixOrigin(stack, {}, checkout)).toMatch(/^as it was synthesized last; the HEAD is detached/);
});

test("it goes to stderr, once, so that what a program or a shell reads stays clean", () => {
  const [out, err] = [jest.spyOn(console, "log"), jest.spyOn(console, "error").mockImplementation()];
  announce(stack, { PREFIX: "fb-42" });
  announce(stack, { PREFIX: "fb-42" });
  expect(err.mock.calls).toEqual([["fb-42-dev: flow-builder, dev, account 111111111111, eu-west-1, by PREFIX"]]);
  expect(out).not.toHaveBeenCalled();
  jest.restoreAllMocks();
});
