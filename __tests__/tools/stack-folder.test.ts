import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Failure } from "../../tools/support/failure";
import { readEnvironment, stackNames } from "../../tools/support/stack-folder";

const outdir = mkdtempSync(join(tmpdir(), "stack-folder-"));
const tags = { system: "flow-builder", environment: "dev", deployment: "fb-42-dev" };
const read = (variables: Readonly<Record<string, string>>): string =>
  readEnvironment("dev", variables, outdir).deployment;

beforeAll(() => {
  const folder = join(outdir, "stacks", "dev-stack");
  mkdirSync(folder, { recursive: true });
  writeFileSync(
    join(folder, "cdk.tf.json"),
    JSON.stringify({
      provider: { aws: [{ region: "eu-west-1", allowed_account_ids: ["111111111111"], default_tags: [{ tags }] }] },
      terraform: { backend: { s3: { bucket: "b", key: "k", dynamodb_table: "t" } } },
    }),
  );
});
afterAll(() => {
  rmSync(outdir, { recursive: true });
});

test("what was synthesized last is taken, where nothing or the same is asked for", () => {
  expect(read({})).toBe("fb-42-dev");
  expect(read({ SYSTEM: "flow-builder" })).toBe("fb-42-dev");
  expect(read({ SYSTEM: "" })).toBe("fb-42-dev");
});

test("another system than was synthesized last is refused, not looked past", () => {
  const other = (): string => read({ SYSTEM: "notifications" });
  expect(other).toThrow(Failure);
  expect(other).toThrow("SYSTEM is notifications, but cdktf.out has fb-42-dev, of flow-builder.");
});

test("another prefix than was synthesized last is refused too, where a prefix chooses anything", () => {
  expect(read({ PREFIX: "fb-42" })).toBe("fb-42-dev");
  expect(() => read({ PREFIX: "fb" })).toThrow("PREFIX is fb, but cdktf.out has fb-42-dev.");
});

test("the environments come before their state and account stacks, in the order of the accounts", () => {
  for (const name of ["production-stack", "dev-state-stack", "staging-stack"]) {
    mkdirSync(join(outdir, "stacks", name), { recursive: true });
    writeFileSync(join(outdir, "stacks", name, "cdk.tf.json"), "{}");
  }
  mkdirSync(join(outdir, "stacks", "empty-stack"), { recursive: true });
  expect(stackNames(outdir)).toEqual(["dev-stack", "staging-stack", "production-stack", "dev-state-stack"]);
  expect(stackNames(join(outdir, "nowhere"))).toEqual([]);
});

test("an environment that was not synthesized is told with the command that does", () => {
  expect(() => readEnvironment("qa", {}, outdir)).toThrow("qa-stack is not in cdktf.out.");
});
