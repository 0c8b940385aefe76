import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Failure } from "../../tools/support/failure";
import { readEnvironment, stackNames } from "../../tools/support/stack-folder";

/** Whatever branch the tests run on. */
jest.mock("../../tools/support/git-branch", () => ({ currentBranch: () => ({ branch: "main", detached: false }) }));

const outdir = mkdtempSync(join(tmpdir(), "stack-folder-"));
const read = (variables: Readonly<Record<string, string>>, environment = "dev"): string =>
  readEnvironment(environment, variables, outdir).deployment;

beforeAll(() => {
  for (const [environment, deployment] of [
    ["dev", "fb-42-dev"],
    ["staging", "fb-staging"],
  ] as const) {
    const folder = join(outdir, "stacks", `${environment}-stack`);
    const tags = { system: "flow-builder", environment, deployment };
    mkdirSync(folder, { recursive: true });
    writeFileSync(
      join(folder, "cdk.tf.json"),
      JSON.stringify({
        provider: { aws: [{ region: "eu-west-1", allowed_account_ids: ["111111111111"], default_tags: [{ tags }] }] },
        terraform: { backend: { s3: { bucket: "b", key: "k", dynamodb_table: "t" } } },
      }),
    );
  }
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

test("where no prefix chooses, a ticket's number is looked past, and another system's prefix refused", () => {
  for (const PREFIX of ["fb", "fb-42", ""]) expect(read({ PREFIX }, "staging")).toBe("fb-staging");
  for (const PREFIX of ["es", "es-42", "fb-x", "garbage"])
    expect(() => read({ PREFIX }, "staging")).toThrow(`PREFIX: expected fb or fb-<number>, got "${PREFIX}".`);
});

test("what no synth takes is not told to be synthesized", () => {
  expect(() => read({ SYSTEM: "nonsense" })).toThrow("SYSTEM: expected one of flow-builder,");
  expect(() => read({ PREFIX: "fb_42!" })).toThrow(
    expect.objectContaining({ choice: "PREFIX=fb-42", message: expect.stringContaining('got "fb_42!"') as string }),
  );
  expect(() => read({ SYSTEM: "workflow-orchestrator", PREFIX: "wo" }, "staging")).toThrow(
    "workflow-orchestrator has no staging: expected one of dev, production.",
  );
});

test("the environments come before their state and account stacks, in the order of the accounts", () => {
  for (const name of ["production-stack", "dev-state-stack"]) {
    mkdirSync(join(outdir, "stacks", name), { recursive: true });
    writeFileSync(join(outdir, "stacks", name, "cdk.tf.json"), "{}");
  }
  mkdirSync(join(outdir, "stacks", "empty-stack"), { recursive: true });
  expect(stackNames(outdir)).toEqual(["dev-stack", "staging-stack", "production-stack", "dev-state-stack"]);
  expect(stackNames(join(outdir, "nowhere"))).toEqual([]);
});

test("an environment that was not synthesized is told with the command that does", () => {
  const read = (): unknown => readEnvironment("dev", { PREFIX: "fb" }, join(outdir, "nowhere"));
  expect(read).toThrow(
    expect.objectContaining({ message: "dev-stack is not in cdktf.out.", advice: { next: "npx cdktf synth" } }),
  );
});
