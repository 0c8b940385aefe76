import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { unsavedFindings } from "../../../tools/doctor/work-folder";

function unsaved(deployment: string) {
  const folder = mkdtempSync(join(tmpdir(), "doctor-"));
  const instances = [{ attributes: { tags_all: { deployment } } }];
  const resources = [{ mode: "managed", type: "aws_vpc", name: "network", instances }];
  const state = { version: 4, terraform_version: "1.11.4", serial: 7, lineage: "one", resources };
  writeFileSync(join(folder, "errored.tfstate"), JSON.stringify(state));
  return unsavedFindings("dev-stack", { folder, deployment: "fb-dev" }, undefined);
}

test("a state that could not be uploaded is pushed where there is none", () => {
  expect(unsaved("fb-dev")).toMatchObject([
    {
      level: "problem",
      commands: [
        ["terraform", "-chdir=cdktf.out/stacks/dev-stack", "state", "push", "errored.tfstate"],
        ["rm", "cdktf.out/stacks/dev-stack/errored.tfstate"],
      ],
    },
  ]);
});

test("another deployment's, left in the folder by a switch of branch, is not pushed into this one", () => {
  expect(unsaved("fb-42-dev")).toMatchObject([
    { level: "note", commands: [], text: expect.stringContaining(" is of fb-42-dev, whose last state") },
  ]);
});
