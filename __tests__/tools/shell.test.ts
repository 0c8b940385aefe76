import { Failure, told } from "../../tools/support/failure";
import { forThisDeployment } from "../../tools/support/shell";

const preview = { SYSTEM: "workflow-orchestrator", PREFIX: "wo-42" };

test("the next command is for the deployment that this one was for, not for the one of the branch", () => {
  const said = (line: string, env: Readonly<Record<string, string>> = preview): string => forThisDeployment(line, env);
  expect(said("npm run destroy -- dev --yes")).toBe(
    "SYSTEM=workflow-orchestrator PREFIX=wo-42 npm run destroy -- dev --yes",
  );
  expect(said("npx cdktf synth", { SYSTEM: "notifications" })).toBe("SYSTEM=notifications npx cdktf synth");
  expect(said("npx cdktf synth && npm run doctor -- dev", { PREFIX: "fb" })).toBe(
    "PREFIX=fb npx cdktf synth && PREFIX=fb npm run doctor -- dev",
  );
  expect(said("npx cdktf synth", { SYSTEM: "", PREFIX: "" })).toBe("npx cdktf synth");
  expect(said("npm run doctor -- dev", { SYSTEM: "two words" })).toBe("SYSTEM='two words' npm run doctor -- dev");
  expect(said("npm run bootstrap -- dev")).toBe("SYSTEM=workflow-orchestrator PREFIX=wo-42 npm run bootstrap -- dev");
  const tofu = { ...preview, TERRAFORM_BINARY_NAME: "tofu" };
  const again = "SYSTEM=workflow-orchestrator PREFIX=wo-42 TERRAFORM_BINARY_NAME=tofu npm run release -- dev";
  expect(said("npm run release -- dev", tofu)).toBe(again);
  expect(said(again, tofu)).toBe(again);
});

test("what a command names already stays, and so does what is of the whole account or none of ours", () => {
  expect(forThisDeployment("PREFIX=wo npm run promote -- dev production", preview)).toBe(
    "SYSTEM=workflow-orchestrator PREFIX=wo npm run promote -- dev production",
  );
  for (const line of ["npm run deployments -- reap", "npm run local -- stop", "terraform version", "npm ci"])
    expect(forThisDeployment(line, preview)).toBe(line);
});

test("a failure says it so", () => {
  process.env["PREFIX"] = "fb-42";
  try {
    expect(told(new Failure("It broke.", { next: "npm run doctor -- dev" }))).toBe(
      "It broke.\nNext: PREFIX=fb-42 npm run doctor -- dev",
    );
  } finally {
    delete process.env["PREFIX"];
  }
});
