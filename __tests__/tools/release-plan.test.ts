import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type PlanReview } from "../../tools/check-plan/review";
import { applied, makeRepositories, planned } from "../../tools/release/plan";
import { Session } from "../../tools/release/session";
import { told } from "../../tools/support/failure";
import type * as stackFolder from "../../tools/support/stack-folder";

const outdir = mkdtempSync(join(tmpdir(), "release-plan-"));
const folder = join(outdir, "stacks", "dev-stack");
const again = "npm run release -- dev";
/** What Terraform was asked for, in order. */
let asked: string[];
let refusals: PlanReview["refusals"];

jest.mock("../../tools/support/stack-folder", () => {
  const actual = jest.requireActual<typeof stackFolder>("../../tools/support/stack-folder");
  return { ...actual, readStack: (name: string) => actual.readStack(name, outdir) };
});
jest.mock("../../tools/support/project", () => ({
  ...jest.requireActual<object>("../../tools/support/project"),
  freshLog: (name: string) => join(outdir, name),
}));
jest.mock("../../tools/support/cdktf", () => ({
  terraform: (_: string, [command = "", ...args]: readonly string[]) => {
    asked.push([command, ...args.filter((arg) => !arg.startsWith("-"))].join(" "));
    if (command === "plan") plan("what was shown");
    return Promise.resolve();
  },
}));
jest.mock("../../tools/check-plan/review", () => ({
  reviewPlan: () => Promise.resolve({ stack: "dev-stack", file: "plan", changes: [], refusals }),
}));

/** The plan that lies in the stack's folder. */
function plan(text: string): void {
  writeFileSync(join(folder, "plan"), text);
}

/** Writes a stack as a synth does. */
function synthesize(deployment: string, code: string): void {
  const tags = { system: "workflow-orchestrator", environment: "dev", deployment };
  const stack = {
    provider: { aws: [{ region: "eu-west-1", allowed_account_ids: ["111111111111"], default_tags: [{ tags }] }] },
    terraform: { backend: { s3: { bucket: "b", key: "k", dynamodb_table: "t" } } },
    locals: { code },
  };
  writeFileSync(join(folder, "cdk.tf.json"), JSON.stringify(stack));
}

const quiet = (): void => undefined;
const refused = async (work: Promise<unknown>): Promise<string> =>
  told(
    (await work.then(
      () => new Error("It was not refused"),
      (error: unknown) => error,
    )) as Error,
  );

let session: Session;

beforeEach(() => {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  synthesize("wo-42-dev", "of now");
  session = new Session("dev", "release", again);
  session.begin();
  asked = [];
  refusals = [];
});
afterAll(() => {
  rmSync(outdir, { recursive: true });
});

test("the plan that was shown is applied, and is gone then", async () => {
  await planned(session, [], quiet);
  await applied(session, quiet);
  expect(asked).toEqual(["init", "plan", "apply plan"]);
  expect(existsSync(join(folder, "plan"))).toBe(false);
});

test("another plan than the one that was shown is not applied, nor one that nobody was shown", async () => {
  expect(await refused(applied(session, quiet))).toContain("is not the one that was shown");
  plan("never shown");
  expect(await refused(applied(session, quiet))).toContain("is not the one that was shown");
  await planned(session, [], quiet);
  plan("made meanwhile");
  expect(await refused(applied(session, quiet))).toMatch(
    /^The plan in .*dev-stack is not the one that was shown: somebody planned dev-stack anew meanwhile\. It was not applied\.\nNext: npm run release -- dev$/,
  );
  rmSync(join(folder, "plan"));
  expect(await refused(applied(session, quiet))).toContain("is not the one that was shown");
  expect(asked).toEqual(["init", "plan"]);
});

test.each([
  ["wo-dev", "of now", "wo-dev, not wo-42-dev"],
  ["wo-42-dev", "of a minute later", "wo-42-dev of other code"],
])("what was synthesized anew meanwhile, %s %s, is neither planned nor applied", async (deployment, code, what) => {
  await planned(session, [], quiet);
  asked = [];
  synthesize(deployment, code);
  for (const work of [() => planned(session, [], quiet), () => applied(session, quiet)])
    expect(await refused(work())).toContain(`cdktf.out was synthesized anew while this ran, and has ${what} now.`);
  expect(asked).toEqual([]);
});

test("repositories whose plan would lose something are not made, unless that was allowed by its address", async () => {
  refusals = [{ address: "aws_ecr_repository.images", sentence: "aws_ecr_repository.images is replaced" }];
  expect(await refused(makeRepositories(session, [], [], quiet))).toMatch(/^Refused:\n- aws_ecr_repository\.images is/);
  expect(asked).toEqual(["init", "plan"]);
  await makeRepositories(session, [], ["aws_ecr_repository.images"], quiet);
  expect(asked).toEqual(["init", "plan", "plan", "apply plan"]);
});
