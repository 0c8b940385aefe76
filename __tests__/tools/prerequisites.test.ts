import { nodeProblem, pythonProblem, terraformProblem } from "../../tools/support/prerequisites";

const terraform = (version: string): string =>
  JSON.stringify({ terraform_version: version, platform: "linux_amd64" }, null, 2);

test.each(["20.19.0", "20.20.2", "22.0.0", "22.21.1"])("Node %s will do", (version) => {
  expect(nodeProblem(version)).toBeUndefined();
});

test.each(["18.20.8", "20.18.3", "24.1.0"])(
  "Node %s is refused with what is expected and where to get it",
  (version) => {
    expect(nodeProblem(version)).toMatch(
      new RegExp(`^Node.js: expected 20.19 to 22 .*got ${version}\\. .*https://nodejs.org`),
    );
  },
);

test.each(["1.11.0", "1.11.4", "1.14.0-beta1"])("Terraform %s will do", (version) => {
  expect(terraformProblem(terraform(version))).toBeUndefined();
});

test.each(["1.10.5", "0.15.0", "2.0.0"])("Terraform %s is refused", (version) => {
  expect(terraformProblem(terraform(version))).toMatch(
    new RegExp(`^Terraform: expected 1.11 .*got ${version}\\. .*https://`),
  );
});

test("no Terraform at all is told as that", () => {
  expect(terraformProblem(undefined)).toContain("found no terraform on the PATH");
});

test("OpenTofu is asked for by its own name, version and place", () => {
  const tofu = { TERRAFORM_BINARY_NAME: "tofu" };
  expect(terraformProblem(terraform("1.11.0"), tofu)).toBeUndefined();
  expect(terraformProblem(terraform("1.10.10"), tofu)).toMatch(
    /^OpenTofu: expected 1.11 .*got 1.10.10\. .*https:\/\/opentofu.org/,
  );
  expect(terraformProblem(undefined, tofu)).toContain("found no tofu on the PATH");
});

test("Terraform's warnings before its answer do not matter", () => {
  expect(terraformProblem(`Warning: Unable to open CLI configuration file\n${terraform("1.11.4")}`)).toBeUndefined();
});

test("a Python that is new enough and has venv will do", () => {
  expect(pythonProblem("3.10.0\nvenv\n")).toBeUndefined();
  expect(pythonProblem("3.13.1\nvenv\n")).toBeUndefined();
});

test("no Python, an old one, and one without venv are told apart, each with what helps", () => {
  expect(pythonProblem(undefined)).toContain("found none on the PATH");
  expect(pythonProblem("3.9.2\nvenv")).toContain("expected 3.10 or newer, got 3.9.2");
  expect(pythonProblem("3.12.3\n")).toContain("sudo apt install python3-venv");
});
