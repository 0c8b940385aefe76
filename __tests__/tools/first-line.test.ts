import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type * as project from "../../tools/support/project";
import type * as stackFolder from "../../tools/support/stack-folder";

const outdir = mkdtempSync(join(tmpdir(), "first-line-"));
const WHERE = "account 111111111111, eu-west-1";
/** Each test has a deployment of its own, by PREFIX: a process names a deployment once. */
let number = 0;
let deployment: string;

/** What each command would do next fails: nothing is asked of AWS or Terraform, nothing is written. */
const nothing = (): Promise<never> => Promise.reject(new Error("The test ends here"));
let signedIn: boolean;
/** The app of cdktf.json. @default ours */
let app: string | undefined;
let ended: () => void;
jest.mock("../../tools/support/failure", () => ({
  ...jest.requireActual<object>("../../tools/support/failure"),
  command: (body: () => Promise<void>) => body().then(ended, ended),
}));
jest.mock("../../tools/support/stack-folder", () => {
  const actual = jest.requireActual<typeof stackFolder>("../../tools/support/stack-folder");
  return {
    ...actual,
    readStack: (name: string) => actual.readStack(name, outdir),
    readEnvironment: (environment: string) => actual.readEnvironment(environment, process.env, outdir),
    stackNames: () => actual.stackNames(outdir),
  };
});
jest.mock("../../tools/support/project", () => {
  const actual = jest.requireActual<typeof project>("../../tools/support/project");
  return {
    ...actual,
    freshLog: (name: string) => join(outdir, name),
    projectFile: () => ({ ...actual.projectFile(), ...(app && { app }) }),
  };
});
jest.mock("../../tools/support/synthesis", () => ({
  synthesis: () => {
    const { readStack } = jest.requireMock<typeof stackFolder>("../../tools/support/stack-folder");
    return Promise.resolve({ stack: readStack("dev-stack") });
  },
  ofSynthesis: (read: (outdir: string) => unknown) => Promise.resolve(read(outdir)),
}));
jest.mock("../../tools/support/remote-state", () => ({
  ...jest.requireActual<object>("../../tools/support/remote-state"),
  checkAccount: () => (signedIn ? Promise.resolve() : nothing()),
}));
jest.mock("../../tools/check-plan/review", () => ({
  reviewPlan: (given: string) =>
    given === "dev-stack" ? nothing() : Promise.resolve({ stack: "dev-stack", refusals: [] }),
}));
jest.mock("../../tools/support/prerequisites", () => ({
  checkTerraform: () => (signedIn ? Promise.resolve() : nothing()),
}));
jest.mock("../../tools/support/cdktf", () => ({ cdktf: () => Promise.resolve() }));
jest.mock("../../tools/support/quotas", () => ({ checkQuotas: nothing }));
jest.mock("../../tools/destroy/preflight", () => ({ preflight: nothing }));
jest.mock("../../tools/support/local-aws", () => ({ LocalAws: class {} }));

const ran = new Set<string>();

/** What a command prints, line by line. */
async function lines(name: string, ...args: readonly string[]): Promise<string[]> {
  if (ran.has(name)) jest.resetModules();
  ran.add(name);
  const printed: string[] = [];
  for (const level of ["log", "error"] as const)
    jest.spyOn(console, level).mockImplementation((...texts: unknown[]) => {
      printed.push(...texts.join(" ").split("\n"));
    });
  process.argv = ["node", name, ...args];
  await new Promise<void>((resolve, reject) => {
    ended = resolve;
    import(`../../tools/${name}`).catch(reject);
  });
  jest.restoreAllMocks();
  return printed;
}

/** Writes a stack as a synth does. */
function synthesize(environment: string, deployment: string, system = "flow-builder"): void {
  const tags = { system, environment, deployment };
  const stack = {
    provider: { aws: [{ region: "eu-west-1", allowed_account_ids: ["111111111111"], default_tags: [{ tags }] }] },
    terraform: { backend: { s3: { bucket: "b", key: "k", dynamodb_table: "t" } } },
  };
  const folder = join(outdir, "stacks", `${environment}-stack`);
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, "cdk.tf.json"), JSON.stringify(stack));
}

beforeEach(() => {
  number += 1;
  deployment = `fb-${String(number)}-dev`;
  for (const name of ["SYSTEM", "AWS_ENDPOINT_URL"]) Reflect.deleteProperty(process.env, name);
  process.env["PREFIX"] = `fb-${String(number)}`;
  signedIn = false;
  app = undefined;
  synthesize("dev", deployment);
});
afterAll(() => {
  process.exitCode = undefined;
  rmSync(outdir, { recursive: true });
});

test.each([
  ["check-plan", "dev-stack"],
  ["check-plan", "plan.json", "--json"],
  ["destroy", "dev"],
  ["diagram", "dev"],
  ["doctor", "dev"],
  ["migrate", "dev"],
  ["redrive", "dev"],
  ["release", "dev"],
  ["rollback", "dev"],
  ["shift", "dev"],
  ["simulate", "dev"],
])("the first line of %s names the deployment", async (command, ...args) => {
  expect((await lines(command, ...args))[0]).toBe(`${deployment}: flow-builder, dev, ${WHERE}, by PREFIX`);
});

test("the first line of local names it too, at the local AWS's endpoint", async () => {
  expect((await lines("local", "status"))[0]).toBe(
    `${deployment}: flow-builder, dev, ${WHERE} at http://127.0.0.1:4566, by PREFIX`,
  );
});

test("the first lines of promote name both deployments", async () => {
  process.env["PREFIX"] = "fb";
  synthesize("dev", "fb-dev");
  synthesize("staging", "fb-staging");
  expect((await lines("promote", "dev", "staging")).slice(0, 2)).toEqual([
    `fb-dev: flow-builder, dev, ${WHERE}, by PREFIX`,
    `fb-staging: flow-builder, staging, ${WHERE}`,
  ]);
});

test("the first line of bootstrap names the state stack's", async () => {
  expect((await lines("bootstrap", "dev"))[0]).toBe(`state-dev: state, dev, ${WHERE}`);
});

test.each(["redrive", "release"])(
  "%s names one that only the app of cdktf.json knows as soon as it is synthesized",
  async (command) => {
    process.env["SYSTEM"] = "guests";
    app = "npx ts-node guests.ts";
    signedIn = true;
    synthesize("dev", "gu-dev", "guests");
    expect(await lines(command, "dev")).toContain(`gu-dev: guests, dev, ${WHERE}`);
  },
);
