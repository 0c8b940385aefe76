import { UsageError } from "../../deployment";
import { type Session } from "../../tools/release/session";
import { Story } from "../../tools/release/story";
import { chosenDeployment } from "../../tools/support/chosen-deployment";
import { announceChosen } from "../../tools/support/deployment-line";
import { checkTag, imageByTag } from "../../tools/support/ecr-images";
import { told } from "../../tools/support/failure";
import { parsePort } from "../../tools/support/port";
import { typed } from "../../tools/support/shell";
import { ofSynthesis } from "../../tools/support/synthesis";
import { EcrAccount } from "../support/ecr";

let app = "node_modules/.bin/ts-node -T main.ts";
let branch: string | undefined;
jest.mock("../../tools/support/git-branch", () => ({ currentBranch: () => ({ branch, detached: !branch }) }));
jest.mock("../../tools/support/project", () => ({
  ...jest.requireActual<object>("../../tools/support/project"),
  projectFile: () => ({ app, context: { system: "flow-builder" } }),
}));

const argv = [...process.argv];
const variables = ["SYSTEM", "PREFIX", "STAGE"];

beforeEach(() => {
  branch = "main";
  app = "node_modules/.bin/ts-node -T main.ts";
});
afterEach(() => {
  process.argv = argv;
  for (const name of variables) Reflect.deleteProperty(process.env, name);
});

/** As `npm run <command> -- <words>` starts it. */
function typing(line: string): void {
  const [tool = "", ...words] = line.split(" ");
  process.argv = ["/usr/bin/node", `/somewhere/tools/${tool}.ts`, ...words];
}

/** The command that an error tells, of a command that was typed with these variables. */
function nextOf(line: string, env: Readonly<Record<string, string>>, attempt: () => unknown): string {
  typing(line);
  Object.assign(process.env, env);
  try {
    attempt();
  } catch (error) {
    return next(error);
  }
  return "no error";
}

function next(error: unknown): string {
  if (!(error instanceof UsageError)) throw error;
  return /\nNext: (.*)$/.exec(told(error))?.[1] ?? "no next command";
}

test("a command is typed again with its words, but asks, and SYSTEM says the system", () => {
  const words = (...all: string[]): readonly string[] => ["node", "/x/tools/release.ts", ...all];
  expect(typed({}, words())).toBe("npm run release");
  expect(typed({}, words("dev", "--yes", "--allow", "a b"))).toBe("npm run release -- dev --allow 'a b'");
  expect(typed({}, words("--system", "x", "--port", "1"))).toBe("npm run release -- --port 1");
  expect(typed({ without: ["--port"], plus: ["--port", "2"] }, words("env", "--port=x"))).toBe(
    "npm run release -- env --port 2",
  );
});

test.each([
  [{ PREFIX: "fb_42!" }, "main", "PREFIX=fb-42 npm run release -- dev"],
  [{ PREFIX: "nonsense" }, "main", "PREFIX=fb-<number> npm run release -- dev"],
  [{ PREFIX: "fb-0" }, "main", "PREFIX=fb-<number> npm run release -- dev"],
  [{ PREFIX: "wo-42" }, "main", "PREFIX=wo-42 SYSTEM=workflow-orchestrator npm run release -- dev"],
  [{}, undefined, "PREFIX=fb-<number> npm run release -- dev"],
  [{}, "feature/wo-42-x", "SYSTEM=workflow-orchestrator npm run release -- dev"],
  [{ SYSTEM: "flow-builder" }, "feature/wo-42-x", "SYSTEM=workflow-orchestrator npm run release -- dev"],
  [{}, "feature/fb-0-x", "PREFIX=fb-<number> npm run release -- dev"],
  [{ SYSTEM: "nonsense" }, "main", "SYSTEM=<system> npm run release -- dev"],
])(
  "%p on %p is told with the choice that was meant, where it can be known: it may be something to destroy",
  (env, on, expected) => {
    branch = on;
    const choose = (): unknown => chosenDeployment("dev", process.env);
    expect(nextOf("release dev --yes", env, choose)).toBe(expected);
  },
);

test("which environment is meant instead of one that the system does not have is not guessed", () => {
  const SYSTEM = "workflow-orchestrator";
  const choose = (): unknown => chosenDeployment("staging", process.env);
  expect(nextOf("redrive staging flows", { SYSTEM }, choose)).toBe(
    `SYSTEM=${SYSTEM} npm run redrive -- <environment> flows`,
  );
  expect(nextOf("destroy staging --confirm wo-staging", { SYSTEM }, choose)).toBe(
    `SYSTEM=${SYSTEM} npm run destroy -- <environment>`,
  );
  expect(nextOf("release", { SYSTEM, STAGE: "staging" }, choose)).toBe(
    `SYSTEM=${SYSTEM} STAGE=<environment> npm run release`,
  );
});

test("a SYSTEM that there is not is refused before anything is synthesized, where no other app may know it", async () => {
  const env = { SYSTEM: "nonsense" };
  expect(() => announceChosen("dev", env)).toThrow("SYSTEM: expected one of flow-builder,");
  typing("diagram dev");
  Object.assign(process.env, env);
  await expect(ofSynthesis(() => "synthesized").catch(next)).resolves.toBe("SYSTEM=<system> npm run diagram -- dev");
  app = "node_modules/.bin/ts-node -T __tests__/fixtures/public-api.ts";
  expect(() => announceChosen("dev", env)).not.toThrow();
});

test("a release that was refused before it began tells the choice, not itself", async () => {
  typing("release dev");
  const session = { again: "npm run release -- dev", log: "release.log", environment: "dev" } as Session;
  const refusal = new UsageError("The HEAD is detached.", "PREFIX=fb");
  expect(next(await new Story().ended(refusal, session))).toBe("PREFIX=fb npm run release -- dev");
});

test("a port that is none leaves the rest of the command", () => {
  expect(nextOf("local env --port abc", {}, () => parsePort("abc"))).toBe("npm run local -- env --port 4600");
});

describe("a tag", () => {
  let ecr: EcrAccount;
  beforeAll(async () => {
    ecr = await EcrAccount.start();
  });
  afterAll(() => ecr.stop());

  const released = (): Promise<string> => {
    typing("release dev --image-tag v9 --skip-migrate");
    return imageByTag("fb-dev-api-images", "v9", ecr.clients).then(() => "found", next);
  };

  test("that can be none is told with the help", () => {
    expect(nextOf("release dev --image-tag /", {}, () => checkTag("/"))).toBe("npm run release -- --help");
  });

  test("that nothing was pushed by is left out, or another one", async () => {
    expect(await released()).toBe("npm run release -- dev --skip-migrate");
    ecr.add("fb-dev-api-images");
    expect(await released()).toBe("npm run release -- dev --skip-migrate");
    ecr.add("fb-dev-api-images", { digest: `sha256:${"1".repeat(64)}`, tags: ["v8"] });
    expect(await released()).toBe("npm run release -- dev --skip-migrate --image-tag v8");
  });
});
