import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { App, S3Backend, TerraformStack } from "cdktf";
import { IMPORTS_FILE, synthesize } from "../../stacks/synthesize";
import { providerLock } from "../../tools/support/terraform-binary";

const BACKEND = { bucket: "states", key: "flow-builder/fb-dev/terraform.tfstate" };
const [TERRAFORM, TOFU] = [providerLock({}), providerLock({ TERRAFORM_BINARY_NAME: "tofu" })];

let outdir: string;

beforeEach(() => {
  outdir = mkdtempSync(join(tmpdir(), "synthesize-"));
});

afterEach(() => {
  rmSync(outdir, { recursive: true });
});

function synth(lock: string, backend = BACKEND): void {
  const app = new App({ outdir, skipValidation: true });
  new S3Backend(new TerraformStack(app, "dev-stack"), backend);
  synthesize(app, lock);
}

const file = (...path: string[]): string => join(outdir, "stacks", "dev-stack", ...path);

/** What `init` and `plan` leave in a stack's folder. */
function initAndPlan(): void {
  mkdirSync(file(".terraform"), { recursive: true });
  writeFileSync(file(".terraform", "terraform.tfstate"), JSON.stringify({ backend: { type: "s3", config: BACKEND } }));
  writeFileSync(file("plan"), "");
}

const kept = (): boolean[] => [existsSync(file(".terraform", "terraform.tfstate")), existsSync(file("plan"))];

test("each stack's folder has the lock of the binary in use, and keeps its backend and plan from synth to synth", () => {
  for (const lock of [TERRAFORM, TOFU]) {
    synth(lock);
    initAndPlan();
    synth(lock);
    expect(readFileSync(file(".terraform.lock.hcl"), "utf8")).toBe(readFileSync(lock, "utf8"));
    expect(kept()).toEqual([true, true]);
  }
});

test("a switch to another deployment forgets the backend and the plan: Terraform would offer to migrate that state over this one's", () => {
  synth(TERRAFORM);
  initAndPlan();
  synth(TERRAFORM, { ...BACKEND, key: "flow-builder/fb-42-dev/terraform.tfstate" });
  expect(kept()).toEqual([false, false]);
});

test.each([
  ["Terraform to OpenTofu", TERRAFORM, TOFU],
  ["OpenTofu to Terraform", TOFU, TERRAFORM],
])("a switch from %s forgets them too: neither knows the other's memory of the backend", (_, from, to) => {
  synth(from);
  initAndPlan();
  synth(to);
  expect(kept()).toEqual([false, false]);
});

test("import blocks of the doctor stay from synth to synth, and go with a switch: they would take over what is another deployment's", () => {
  synth(TERRAFORM);
  writeFileSync(file(IMPORTS_FILE), "{}");
  synth(TERRAFORM);
  expect(existsSync(file(IMPORTS_FILE))).toBe(true);
  synth(TERRAFORM, { ...BACKEND, key: "flow-builder/fb-42-dev/terraform.tfstate" });
  expect(existsSync(file(IMPORTS_FILE))).toBe(false);
});
