import { cpSync, existsSync, mkdirSync, readFileSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import execa from "execa";
import { root } from "../../../tools/support/project";
import { type Outcome, run } from "../../../tools/support/run";
import { type StackFolder, readStack } from "../../../tools/support/stack-folder";
import { terraformBinary } from "../../../tools/support/terraform-binary";
import { succeeded } from "./outcome";

/** A resource that a plan changes. */
export interface Change {
  readonly address: string;
  /** "create", "update", "delete", "delete create", … */
  readonly action: string;
}

export interface Plan {
  /** Those that differ, of resources and outputs; empty means that nothing does. */
  readonly changes: readonly Change[];
  /** What `terraform show -json` says of it. */
  readonly json: string;
}

const GIT = { GIT_CONFIG_GLOBAL: "/dev/null", GIT_CONFIG_NOSYSTEM: "1" };

/**
 * A copy of the project as a clone would have it, on the branch main and without history, with a `cdktf.out` of its
 * own: so tests run side by side, and may switch branches. Commands run in it as a user would run them.
 */
export class WorkingTree {
  /** Everything that the commands printed. */
  readonly log: string;

  private constructor(
    readonly folder: string,
    readonly env: Readonly<Record<string, string>>,
  ) {
    this.log = join(folder, ".local", "e2e.log");
  }

  static async create(folder: string, env: Readonly<Record<string, string>>): Promise<WorkingTree> {
    const list = await execa("git", ["ls-files", "-co", "--exclude-standard", "-z"], { cwd: root });
    for (const file of list.stdout.split("\0").filter((name) => name !== "" && existsSync(join(root, name)))) {
      cpSync(join(root, file), join(folder, file));
    }
    symlinkSync(join(root, "node_modules"), join(folder, "node_modules"));
    mkdirSync(join(folder, ".local"));
    const tree = new WorkingTree(folder, env);
    await tree.git("init", "--quiet", "--initial-branch=main");
    await tree.git(
      ...["-c", "user.name=test", "-c", "user.email=test@example.com", "-c", "commit.gpgsign=false"],
      ...["commit", "--quiet", "--allow-empty", "--message=start"],
    );
    return tree;
  }

  /** Another view of the same tree, with other variables. */
  with(variables: Readonly<Record<string, string>>): WorkingTree {
    return new WorkingTree(this.folder, { ...this.env, ...variables });
  }

  async git(...args: string[]): Promise<void> {
    succeeded(["git", ...args], await this.attempt(["git", ...args], { ...this.env, ...GIT }));
  }

  /** `npx cdktf …`. @throws Error with the output when it fails */
  async cdktf(...args: string[]): Promise<string> {
    return succeeded(["cdktf", ...args], await this.attempt([...this.cdktfCommand, ...args]));
  }

  /** `npx cdktf …`, whatever comes of it. */
  tryCdktf(...args: string[]): Promise<Outcome> {
    return this.attempt([...this.cdktfCommand, ...args]);
  }

  get cdktfCommand(): readonly [string] {
    return [join(this.folder, "node_modules", ".bin", "cdktf")];
  }

  /** `npm run bootstrap -- <environment>`. */
  bootstrap(environment: string): Promise<string> {
    return this.tool("bootstrap", environment);
  }

  /** `npm run <tool> -- …`. @throws Error with the output when it fails */
  async tool(name: string, ...args: string[]): Promise<string> {
    return succeeded([name, ...args], await this.tryTool(name, ...args));
  }

  tryTool(name: string, ...args: string[]): Promise<Outcome> {
    return this.tryScript(`tools/${name}.ts`, ...args);
  }

  /** Commands for bash. @throws Error with the output when they fail */
  async shell(script: string): Promise<string> {
    return succeeded(["bash"], await this.attempt(["bash", "-c", script]));
  }

  /** A synth by an app of the tests, without the cdktf CLI around it, which takes three times as long. */
  async synth(app: string): Promise<string> {
    return succeeded([app], await this.tryScript(app));
  }

  private tryScript(file: string, ...args: string[]): Promise<Outcome> {
    return this.attempt([join(this.folder, "node_modules", ".bin", "ts-node"), "-T", file, ...args]);
  }

  /** `terraform -chdir=cdktf.out/stacks/<stack> …`, or OpenTofu where TERRAFORM_BINARY_NAME says so. @throws Error with the output when it fails */
  async terraform(stack: string, ...args: string[]): Promise<string> {
    return succeeded(["terraform", ...args], await this.tryTerraform(stack, ...args));
  }

  tryTerraform(stack: string, ...args: string[]): Promise<Outcome> {
    return this.attempt([terraformBinary(this.env), `-chdir=cdktf.out/stacks/${stack}`, ...args]);
  }

  /** What `terraform plan` would change, written to the file that `apply` takes. */
  async plan(stack: string, ...args: string[]): Promise<Plan> {
    const command = ["plan", "-detailed-exitcode", "-input=false", "-no-color", "-out=plan", ...args];
    const outcome = await this.tryTerraform(stack, ...command);
    succeeded(["terraform", ...command], outcome, [0, 2]);
    const plan = await this.planned(stack);
    const empty = plan.changes.length === 0;
    if (empty !== (outcome.exitCode === 0)) {
      throw new Error(
        `terraform plan ended with ${String(outcome.exitCode)}, but its file has these changes: ${JSON.stringify(plan.changes)}`,
      );
    }
    return plan;
  }

  /** The plan that `cdktf plan` or `plan` wrote. */
  async planned(stack: string): Promise<Plan> {
    const json = await this.terraform(stack, "show", "-json", "plan");
    const { resource_changes = [], output_changes = {} } = JSON.parse(json) as {
      resource_changes?: { address: string; change: { actions: string[] } }[];
      output_changes?: Record<string, { actions: string[] }>;
    };
    const all = [
      ...resource_changes.map(({ address, change }) => ({ address, action: change.actions.join(" ") })),
      ...Object.entries(output_changes).map(([name, { actions }]) => ({
        address: `output.${name}`,
        action: actions.join(" "),
      })),
    ];
    return { changes: all.filter(({ action }) => action !== "no-op" && action !== "read"), json };
  }

  /** The plan that `cdktf plan` or `plan` wrote changes nothing. @throws Error with the plan's text when it does */
  async expectNoChanges(stack: string): Promise<void> {
    if ((await this.planned(stack)).changes.length === 0) return;
    throw new Error(`The plan is not empty:\n${await this.terraform(stack, "show", "-no-color", "plan")}`);
  }

  async apply(stack: string): Promise<string> {
    return this.terraform(stack, "apply", "-input=false", "-no-color", "plan");
  }

  /** The addresses that the state has. */
  async addresses(stack: string): Promise<string[]> {
    return (await this.terraform(stack, "state", "list")).split("\n").filter(Boolean);
  }

  async outputs(stack: string): Promise<Readonly<Record<string, string>>> {
    const outputs = JSON.parse(await this.terraform(stack, "output", "-json")) as Record<string, { value: string }>;
    return Object.fromEntries(Object.entries(outputs).map(([name, { value }]) => [name, value]));
  }

  /** The stack as it was synthesized. */
  stack(stack: string): StackFolder {
    return readStack(stack, join(this.folder, "cdktf.out"));
  }

  /** The resources of the stack as it was synthesized, by their addresses. */
  resources(stack: string): { readonly address: string; readonly args: Readonly<Record<string, unknown>> }[] {
    const json = readFileSync(join(this.stack(stack).folder, "cdk.tf.json"), "utf8");
    const { resource } = JSON.parse(json) as { resource: Record<string, Record<string, Record<string, unknown>>> };
    return Object.entries(resource).flatMap(([type, byName]) =>
      Object.entries(byName).map(([name, args]) => ({ address: `${type}.${name}`, args })),
    );
  }

  private attempt([file, ...args]: readonly [string, ...string[]], env = this.env): Promise<Outcome> {
    return run(file, args, { cwd: this.folder, env, log: this.log });
  }
}
