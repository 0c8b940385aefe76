import { environmentAsked } from "../../tools/support/environment-argument";
import { told } from "../../tools/support/failure";
import { stopping } from "../../tools/support/run";
import { type UsageError } from "../../deployment";

const answer = (environment: string | undefined, known?: readonly string[]): string => {
  try {
    return environmentAsked(environment, "npm run doctor --", known);
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
    `Which environment? Expected one of dev, staging, production, got ${got}.\nNext: npm run doctor -- dev`,
  );
});

test("ctrl-C speaks of Terraform only where Terraform runs", () => {
  expect(stopping(["cdktf"])).toContain("Terraform finishes");
  expect(stopping(["terraform", "node"])).toContain("Terraform finishes");
  expect(stopping(["node"])).toBe("Stopping…");
  expect(stopping([])).toBe("Stopping…");
});
