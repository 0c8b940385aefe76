import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type PlanJson } from "../../tools/check-plan/plan-json";

/**
 * What Terraform 1.11.4 said of plans of `fixtures/renamed-system.ts` on the local AWS (`terraform show -json`, without the
 * parts that nobody reads), each beside the stack that it is of:
 * - unchanged, updated (NOTE=two);
 * - renamed (QUEUE=jobs), moved and replaced (the same, with NAMES=kept and NAMES=new);
 * - drifted: the queue keeps messages longer, and the log group is gone; tainted: only the queue is planned;
 * - forgotten: QUEUE=jobs, with a `removed` block for the queues and an `import` block for the note.
 */
export type Recording =
  "unchanged" | "updated" | "renamed" | "moved" | "replaced" | "drifted" | "tainted" | "forgotten";

const PLANS = join(__dirname, "../fixtures/plans");
const folders: string[] = [];

afterAll(() => folders.forEach((folder) => rmSync(folder, { recursive: true })));

/** What `terraform show -json` said. */
export function recorded(name: Recording): PlanJson {
  return JSON.parse(readFileSync(join(PLANS, name, "plan.json"), "utf8")) as PlanJson;
}

/** A `cdktf.out` with the stack of a recording, and files beside it. */
export function outdirOf(name: Recording, files: Readonly<Record<string, string>> = {}): string {
  const outdir = mkdtempSync(join(tmpdir(), "plan-"));
  folders.push(outdir);
  mkdirSync(join(outdir, "stacks", "dev-stack"), { recursive: true });
  cpSync(join(PLANS, name, "cdk.tf.json"), join(outdir, "stacks", "dev-stack", "cdk.tf.json"));
  for (const [file, text] of Object.entries(files)) writeFileSync(join(outdir, file), text);
  return outdir;
}
