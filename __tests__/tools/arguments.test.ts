import { accounts } from "../../environments/accounts";
import { planAsked } from "../../tools/check-plan/stack-asked";
import { environmentIn } from "../../tools/deployments/reach";
import { checkWords } from "../../tools/local/session";
import { environmentAsked } from "../../tools/support/environment-argument";
import { told } from "../../tools/support/failure";
import { stopping } from "../../tools/support/run";
import { forThisDeployment } from "../../tools/support/shell";
import { runSteps } from "../../tools/support/steps";
import { tool } from "../../tools/support/tool";
import { type UsageError } from "../../deployment";

const answer = (environment: string | undefined, known?: readonly string[], STAGE?: string): string => {
  try {
    return environmentAsked(environment, "npm run doctor --", known, { STAGE });
  } catch (error) {
    return told(error as UsageError);
  }
};

test("an environment is one that there is an account for, or one of those that are given", () => {
  expect(answer("production")).toBe("production");
  expect(answer("dev-state", ["dev", "dev-state"])).toBe("dev-state");
});

test.each([
  [undefined, "none"],
  ["", '""'],
  ["prod", '"prod"'],
  ["constructor", '"constructor"'],
])("%p is told with the environments that there are, and a command that works", (given, got) => {
  expect(answer(given)).toBe(
    `Which environment? Expected one of ${Object.keys(accounts).join(", ")}, got ${got}.\nNext: npm run doctor -- dev`,
  );
});

test("STAGE says which environment where the argument is left out", () => {
  expect(answer(undefined, undefined, "staging")).toBe("staging");
  expect(answer("staging", undefined, "staging")).toBe("staging");
  expect(answer("dev-state", ["dev-state"], "dev")).toBe("dev-state");
  expect(answer(undefined, undefined, "")).toContain("got none.");
  expect(answer(undefined, undefined, "prod")).toContain("got STAGE=prod.");
});

test("an argument that STAGE contradicts is refused, not preferred: one of the two is a mistake", () => {
  expect(answer("production", undefined, "dev")).toBe(
    "STAGE is dev, and this command works on production. Nothing was changed.\nNext: STAGE=production npm run doctor -- production, or npm run doctor -- dev",
  );
  expect(answer("dev-state", ["dev-state"], "production")).toMatch(/Next: STAGE=dev npm run doctor -- dev-state$/);
});

test("both of two commands that are told have the system with them", () => {
  expect(forThisDeployment("STAGE=dev npm run doctor -- dev, or npm run doctor -- staging", { SYSTEM: "x" })).toBe(
    "SYSTEM=x STAGE=dev npm run doctor -- dev, or SYSTEM=x npm run doctor -- staging",
  );
});

test("help does not say of an option that it is not given when it is not given", () => {
  const help = tool("npm run x --")
    .option("--yes", "does not ask", false)
    .option("--allow <address>", "may go", [])
    .option("--runs <number>", "runs", "5")
    .helpInformation();
  expect(help).toMatch(/--yes +does not ask\n +--allow <address> +may go\n +--runs <number> +runs \(default: "5"\)/);
});

test("a word that no command of local is, is told with those that there are", () => {
  expect(() => {
    checkWords(["qa"], ["up", "stop"]);
  }).toThrow('Expected one of up, stop, and no environment, which is always dev; got "qa".');
  expect(() => {
    checkWords([], ["up"]);
  }).not.toThrow();
});

test("a misspelt command of deployments, which comes as an environment, is told with the commands", () => {
  const asked = (given?: string, STAGE?: string): string | undefined =>
    environmentIn(given, ["list", "reap"], { STAGE });
  expect(() => asked("repa")).toThrow(
    'Expected a command (list, reap) or an environment (dev, staging, production), got "repa".',
  );
  expect([asked(), asked("dev"), asked(undefined, "staging")]).toEqual([undefined, "dev", "staging"]);
});

test("check-plan takes an environment as well as its stack, and leaves files alone", () => {
  const asked = ["dev", "production", "dev-stack", "./plan"].map((given) => planAsked(given, "/nowhere"));
  expect(asked).toEqual(["dev-stack", "production-stack", "dev-stack", "./plan"]);
});

test("without a terminal a step that tells no outcome ends with a line that differs from its first", async () => {
  const said = jest.spyOn(console, "log").mockImplementation();
  const { CI } = process.env;
  process.env["CI"] = "true";
  try {
    const run = (outcome?: string) => () => Promise.resolve(outcome);
    await runSteps([
      { title: "Prerequisites", run: run() },
      { title: "Bucket", run: run("already there") },
    ]);
    expect(said.mock.calls.flat()).toEqual([
      ...["Prerequisites …", "Prerequisites: done"],
      ...["Bucket …", "Bucket: already there"],
    ]);
  } finally {
    said.mockRestore();
    if (CI === undefined) delete process.env["CI"];
    else process.env["CI"] = CI;
  }
});

test("ctrl-C speaks of Terraform only where Terraform runs", () => {
  expect(stopping(["cdktf"])).toContain("Terraform finishes");
  expect(stopping(["terraform", "node"])).toContain("Terraform finishes");
  expect(stopping(["node"])).toBe("Stopping…");
  expect(stopping([])).toBe("Stopping…");
});
