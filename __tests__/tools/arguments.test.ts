import { accounts } from "../../environments/accounts";
import { environmentAsked } from "../../tools/support/environment-argument";
import { told } from "../../tools/support/failure";
import { stopping } from "../../tools/support/run";
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
    "STAGE is dev, and this command works on production. Nothing was changed.\nNext: STAGE=production npm run doctor -- production",
  );
});

test("ctrl-C speaks of Terraform only where Terraform runs", () => {
  expect(stopping(["cdktf"])).toContain("Terraform finishes");
  expect(stopping(["terraform", "node"])).toContain("Terraform finishes");
  expect(stopping(["node"])).toBe("Stopping…");
  expect(stopping([])).toBe("Stopping…");
});
