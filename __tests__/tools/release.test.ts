import { type Change } from "../../tools/check-plan/changes";
import { type PlanReview } from "../../tools/check-plan/review";
import { type Prepared } from "../../tools/release/preparation";
import { type ReleaseOptions, release } from "../../tools/release/release";
import { type Session } from "../../tools/release/session";
import { type ReleasedService } from "../../tools/support/released-services";

const NEW = "registry/images@sha256:new";
const again = "npm run release -- production";
const api = { path: "api" } as ReleasedService;
const bucket: Change = {
  ...{ address: "aws_s3_bucket.logs", action: "delete", path: ["logs"], type: "aws_s3_bucket" },
  ...{ arguments: [], forcedBy: [] },
};
const sentence = "aws_s3_bucket.logs is deleted, with all that it holds.";

/** What was changed, in order. */
let done: string[];
/** What the plan of the infrastructure says. */
let review: Partial<PlanReview>;
/** What somebody at the terminal answers. @default nobody is there */
let answer: boolean | undefined;

jest.mock("../../tools/release/session", () => ({
  Session: class {
    readonly stack;
    readonly again = again;
    readonly released = { services: [api], repositories: [] };
    constructor(readonly environment: string) {
      this.stack = { deployment: `wo-${environment}`, system: "workflow-orchestrator", folder: "" };
    }
  },
}));
jest.mock("../../tools/release/preflight", () => ({ preflight: () => [] }));
jest.mock("../../tools/release/preparation", () => ({
  ...jest.requireActual<object>("../../tools/release/preparation"),
  prepared: () =>
    Promise.resolve({
      before: [{ service: api, runs: "none", desired: 0, rollingOut: false }],
      wanted: new Map([["api", NEW]]),
      names: new Map(),
      plan: {
        ...{ file: "plan", stack: "production-stack", deployment: "wo-production", complete: true },
        ...{ changes: [], outputs: [], drift: [], refusals: [], allowed: [] },
        ...review,
      },
    } as unknown as Prepared),
}));
jest.mock("../../tools/release/plan", () => ({
  ...jest.requireActual<object>("../../tools/release/plan"),
  applied: () => Promise.resolve(done.push("applied")),
}));
jest.mock("../../tools/release/migration", () => ({
  migrationOf: () => ({ by: "task" }),
  migrationStep: (_: Session, __: object, skip?: string) => ({
    title: "Migration",
    run: () => Promise.resolve(void done.push(skip ?? "migrated")),
  }),
}));
jest.mock("../../tools/release/rollout", () => ({
  rollOut: (_: Session, __: Prepared, ___: object, { migrated }: { migrated: boolean }) =>
    Promise.resolve(done.push(migrated ? "rolled out, migrated" : "rolled out")),
}));
jest.mock("../../tools/release/summary", () => ({ summary: () => Promise.resolve("released") }));
jest.mock("../../tools/support/release-lock", () => ({
  withReleaseLock: (_: object, __: string, ___: object, body: (lock: object) => Promise<void>) =>
    body({ check: () => undefined }),
}));
jest.mock("../../tools/support/shift-steps", () => ({
  shiftedFunctions: () => [],
  checkNoneShifts: () => Promise.resolve(),
}));
jest.mock("../../tools/support/question", () => ({
  canAsk: () => answer !== undefined,
  agreed: () => Promise.resolve(answer),
}));

/** What a release has done, and how it ended. */
async function released(options: Partial<ReleaseOptions> = {}): Promise<{ done: string[]; told: string }> {
  const told = jest.spyOn(console, "log").mockImplementation();
  done = [];
  const defaults = { environment: "production", what: "release", again, images: () => ({ title: "" }) };
  const answers = { migrate: "once", allowed: [], yes: true, planOnly: false };
  try {
    await release({ ...defaults, ...answers, ...options } as unknown as ReleaseOptions);
    return { done, told: told.mock.calls.join("\n") };
  } catch (error) {
    return { done, told: (error as Error).message };
  } finally {
    jest.restoreAllMocks();
  }
}

beforeEach(() => {
  review = { changes: [{ ...bucket, action: "create" }] };
  answer = undefined;
});

test("a release applies the plan, migrates, and then rolls out", async () => {
  expect((await released()).done).toEqual(["applied", "migrated", "rolled out, migrated"]);
});

test("a plan that loses what holds data is refused before anything is changed, also with --yes and --plan-only", async () => {
  review = { changes: [bucket], refusals: [{ address: bucket.address, sentence }] };
  for (const planOnly of [false, true]) {
    const { done, told } = await released({ planOnly });
    expect(done).toEqual([]);
    expect(told).toMatch(/^Refused:\n- aws_s3_bucket\.logs is deleted/);
  }
});

test("what is protected is asked for before the first change, and nothing but a yes is one", async () => {
  expect(await released({ yes: false })).toEqual({
    done: [],
    told: expect.stringContaining("wo-production is protected, so a release asks before it changes anything"),
  });
  answer = false;
  expect((await released({ yes: false })).done).toEqual([]);
  answer = true;
  expect((await released({ yes: false })).done).toHaveLength(3);
  answer = undefined;
  expect((await released({ yes: false, environment: "dev" })).done).toHaveLength(3);
});

test("a release that is to plan only shows the plan, and changes nothing that runs", async () => {
  const { done, told } = await released({ planOnly: true });
  expect(done).toEqual([]);
  expect(told).toMatch(/aws_s3_bucket[^]*Nothing that runs was changed/);
});

test("a release that is not to migrate does not, and does not say of the images that it did", async () => {
  expect((await released({ migrate: "never" })).done).toEqual(["applied", "skipped (--skip-migrate)", "rolled out"]);
});
