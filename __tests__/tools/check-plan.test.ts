import { cpSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type PlanJson } from "../../tools/check-plan/plan-json";
import { type PlanReview, reviewPlan } from "../../tools/check-plan/review";
import { stackAsked } from "../../tools/check-plan/stack-asked";
import { printed } from "../../tools/check-plan/table";
import { Failure } from "../../tools/support/failure";
import { type Recording, outdirOf, recorded } from "../support/recorded-plan";

/** Whatever branch the tests run on. */
jest.mock("../../tools/support/git-branch", () => ({ currentBranch: () => ({ branch: "main", detached: false }) }));

const WIDE = { colour: false, width: undefined };

/** The review of a recorded plan, after an edit. */
function review(name: Recording, allowed: string[] = [], edit: (plan: PlanJson) => void = () => undefined) {
  const plan = recorded(name);
  edit(plan);
  return reviewed(name, JSON.stringify(plan), allowed);
}

/** The review of a file with any text, beside a recorded stack. */
function reviewed(name: Recording, text: string, allowed: string[] = []): Promise<PlanReview> {
  const outdir = outdirOf(name, { "some-plan": text });
  return reviewPlan("some-plan", { allowed, env: {}, outdir, cwd: outdir });
}

async function failure(of: Promise<PlanReview>): Promise<string> {
  const error = await of.then(
    () => new Error("it did not fail"),
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(Failure);
  return (error as Failure).message;
}

const actions = ({ changes }: PlanReview) => changes.map(({ path, action }) => `${action} ${path.join("/")}`);

describe("the stack that is asked for", () => {
  const outdir = outdirOf("updated", { "some-plan": "" });
  const stacks = join(outdir, "stacks");
  const asked = (given: string, env: Readonly<Record<string, string>>) => stackAsked(given, env, outdir)?.deployment;
  beforeAll(() => {
    cpSync(join(stacks, "dev-stack"), join(stacks, "dev-account-stack"), { recursive: true });
  });

  test("is the one that was synthesized last, and another SYSTEM is refused, not looked past", () => {
    expect(asked("dev-stack", {})).toBe("rn-dev");
    expect(asked("dev-stack", { SYSTEM: "renamed", PREFIX: "rn" })).toBe("rn-dev");
    const other = () => asked("dev-stack", { SYSTEM: "notifications" });
    expect(other).toThrow(Failure);
    expect(other).toThrow("SYSTEM is notifications, but cdktf.out has rn-dev, of renamed.");
  });

  test("is the same for every SYSTEM where it is an account's, and unknown where a file is given", () => {
    expect(asked("dev-account-stack", { SYSTEM: "notifications" })).toBe("rn-dev");
    expect(asked("some-plan", { SYSTEM: "notifications" })).toBeUndefined();
  });
});

describe("what is shown", () => {
  test("a plan that changes nothing says so, and nothing is refused", async () => {
    const unchanged = await review("unchanged");
    expect(printed(unchanged, WIDE)).toMatch(/^rn-dev \(dev-stack\): no changes\.\n/);
    expect(unchanged).toMatchObject({ changes: [], refusals: [], drift: [], outputs: [], complete: true });
  });

  test("an update names the arguments that change, and never their values", async () => {
    const updated = await review("updated");
    expect(updated.changes).toEqual([
      expect.objectContaining({ address: "aws_ssm_parameter.note", action: "update", arguments: ["insecure_value"] }),
    ]);
    expect(updated.refusals).toEqual([]);
    const text = printed(updated, WIDE);
    expect(text).toMatch(/note +update +aws_ssm_parameter +insecure_value\n/);
    expect(text).toContain("Outputs: note_text changed.");
    expect(`${text}${JSON.stringify(updated)}`).not.toMatch(/"two"|\btwo\b/);
  });

  test("rows are in the order of the constructs' paths, which a deleted resource's address still tells", async () => {
    expect(actions(await review("renamed"))).toEqual([
      "delete flows",
      "delete flows/dead-letters",
      "delete flows/logs",
      "create jobs",
      "create jobs/dead-letters",
      "create jobs/logs",
    ]);
  });

  test("a move and an import are told as what they are, with where from", async () => {
    const moved = await review("moved");
    expect(actions(moved)).toEqual(["move jobs", "move jobs/dead-letters", "move jobs/logs"]);
    expect(moved.refusals).toEqual([]);
    expect(printed(moved, WIDE)).toMatch(/^rn-dev \(dev-stack\): 3 to move\.$/m);
    expect(printed(moved, WIDE)).toMatch(/jobs +move +aws_sqs_queue +was aws_sqs_queue\.flows\n/);
    expect(printed(await review("forgotten"), WIDE)).toMatch(/note +update +aws_ssm_parameter +is rn-dev-note/);
  });

  test("what was changed outside of Terraform is told in short, without what the provider only reads differently", async () => {
    expect((await review("drifted")).drift).toEqual([
      { address: "aws_cloudwatch_log_group.flows_logs", deleted: true, arguments: [] },
      { address: "aws_sqs_queue.flows", deleted: false, arguments: ["message_retention_seconds"] },
    ]);
    expect((await review("unchanged")).drift).toEqual([]);
  });

  test("more than three of a kind below one construct share a line", async () => {
    const many = await review("renamed", [], ({ resource_changes }) => {
      const made = resource_changes.find(({ address }) => address === "aws_cloudwatch_log_group.jobs_logs");
      for (const n of ["a", "b", "c"])
        resource_changes.push({ ...made, address: `aws_lb.jobs_${n}`, type: "aws_lb" } as never);
    });
    expect(printed(many, WIDE)).toMatch(/jobs\/… +create +6 resources +3 lb, 2 sqs_queue, cloudwatch_log_group\n/);
  });

  test("so do more than three updates of the same arguments, and the line says which", async () => {
    const many = await review("updated", [], ({ resource_changes }) => {
      const note = resource_changes.find(({ address }) => address === "aws_ssm_parameter.note");
      for (const n of ["a", "b", "c"])
        resource_changes.push({ ...note, address: `aws_ssm_parameter.note_${n}` } as never);
    });
    expect(printed(many, WIDE)).toMatch(/note\/… +update +4 resources +insecure_value: 4 ssm_parameter\n/);
  });

  test("and every row stays in the order of the paths, whatever others share a line", async () => {
    const many = await review("updated", [], ({ resource_changes }) => {
      const note = resource_changes.find(({ address }) => address === "aws_ssm_parameter.note");
      const [queue] = resource_changes.filter(({ address }) => address === "aws_sqs_queue.flows");
      if (queue) queue.change.actions = ["create"];
      for (const name of ["api_z", "api_a", "api"])
        resource_changes.push({ ...note, address: `aws_ssm_parameter.${name}` } as never);
    });
    const where = [...printed(many, WIDE).matchAll(/^ (\S+) +(?:create|update) /gm)].map(([, path]) => path);
    expect(where).toEqual(["api", "api/a", "api/z", "flows", "note"]);
  });

  test("on a narrow terminal the last column is wrapped", async () => {
    const wrapped = printed(await review("replaced"), { colour: false, width: 90 });
    const table = wrapped.split("\n").filter((line) => line.startsWith(" "));
    expect(Math.max(...table.map((line) => line.length))).toBeLessThanOrEqual(90);
    expect(table.length).toBeGreaterThan(4);
  });

  test("a plan with -target says that it leaves something out", async () => {
    expect(printed(await review("tainted"), WIDE)).toContain("This plan leaves something out (-target).");
  });

  test("data sources that are read are no change", async () => {
    const read = await review("unchanged", [], ({ resource_changes }) => {
      resource_changes.push({
        address: "data.aws_region.r",
        mode: "data",
        type: "aws_region",
        change: { actions: ["read"] },
      });
    });
    expect(read.changes).toEqual([]);
  });
});

describe("what is refused", () => {
  const refused = async (...args: Parameters<typeof review>) =>
    (await review(...args)).refusals.map(({ sentence }) => sentence);

  test("what holds data is neither deleted nor replaced, with the argument that forces it", async () => {
    expect(await refused("renamed")).toEqual([
      "aws_sqs_queue.flows would be deleted (no longer in the stack): its messages would be lost.",
      "aws_sqs_queue.flows_dead-letters would be deleted (no longer in the stack): its messages would be lost.",
    ]);
    expect(await refused("replaced")).toEqual([
      "aws_sqs_queue.jobs would be replaced, since name cannot change in place: its messages would be lost.",
      "aws_sqs_queue.jobs_dead-letters would be replaced, since name cannot change in place: its messages would be lost.",
    ]);
    expect(await refused("tainted")).toEqual([
      "aws_sqs_queue.flows would be replaced (tainted): its messages would be lost.",
    ]);
  });

  test("nor forgotten, nor is what a broken-off replacement left of it deleted", async () => {
    expect((await refused("forgotten"))[0]).toMatch(/^aws_sqs_queue.flows would be forgotten: it stays in AWS/);
    const deposed = await refused("renamed", ["aws_sqs_queue.flows"], ({ resource_changes }) => {
      const [gone] = resource_changes.filter(({ address }) => address === "aws_sqs_queue.flows_dead-letters");
      if (gone) gone.deposed = "0a1b2c3d";
    });
    expect(deposed).toEqual([expect.stringContaining("what a broken-off replacement left of it, would be deleted")]);
  });

  test("nor does it keep less: shorter retentions, protection off", async () => {
    expect(await refused("drifted")).toEqual([
      "aws_sqs_queue.flows would be less protected: message_retention_seconds.",
    ]);
    const longer = await refused("drifted", [], ({ resource_changes }) => {
      for (const { address, change } of resource_changes) {
        if (address === "aws_sqs_queue.flows") [change.before, change.after] = [change.after, change.before];
      }
    });
    expect(longer).toEqual([]);
  });

  /** An update of one resource more. */
  const update = (address: string, before: object, after: object) => (plan: PlanJson) =>
    void plan.resource_changes.push({
      ...{ address, mode: "managed", type: address.replace(/\..*/, "") },
      change: { actions: ["update"], before: { ...before }, after: { ...after } },
    });
  const inProduction = ({ configuration: { provider_config } }: PlanJson): void => {
    const [{ tags }] = provider_config.aws.expressions.default_tags as [
      { tags: { constant_value: Record<string, string> } },
    ];
    tags.constant_value["environment"] = "production";
  };

  test("nor does a Redis lose its final snapshot, a copy, or the copy's taking over", async () => {
    const most = {
      ...{ automatic_failover_enabled: true, final_snapshot_identifier: "final", multi_az_enabled: true },
      ...{ node_type: "cache.r7g.large", num_cache_clusters: 2 },
    };
    const least = {
      ...{ automatic_failover_enabled: false, final_snapshot_identifier: null, multi_az_enabled: false },
      ...{ node_type: "cache.t4g.micro", num_cache_clusters: 1 },
    };
    const address = "aws_elasticache_replication_group.cache";
    expect(await refused("unchanged", [], update(address, most, least))).toEqual([
      `${address} would be less protected: automatic_failover_enabled, final_snapshot_identifier and num_cache_clusters.`,
    ]);
    expect(await refused("unchanged", [], update(address, least, most))).toEqual([]);

    // Named after what is made anew with it, the snapshot has its name at the apply only.
    const { final_snapshot_identifier: _, ...known } = most;
    const unknown = await refused("unchanged", [], (plan) => {
      update(address, most, known)(plan);
      const change = plan.resource_changes.at(-1)?.change as { after_unknown?: object };
      change.after_unknown = { final_snapshot_identifier: true };
    });
    expect(unknown).toEqual([]);
  });

  test("nor does a bucket of production forget its objects sooner", async () => {
    const rules = (days: number) => ({ rule: [{ id: "expire", status: "Enabled", expiration: [{ days }] }] });
    const address = "aws_s3_bucket_lifecycle_configuration.access-logs_expiry";
    const changed = (from: number, to: number, environment = inProduction) =>
      refused("unchanged", [], (plan) => {
        update(address, rules(from), rules(to))(plan);
        environment(plan);
      });
    expect(await changed(90, 30)).toEqual([`${address} would be less protected: rule.`]);
    expect(await changed(30, 90)).toEqual([]);
    expect(await changed(90, 30, () => undefined)).toEqual([]);
    // Without its rules it keeps them for ever.
    const deleted = await refused("unchanged", [], (plan) => {
      const change = { actions: ["delete"], before: rules(90), after: null };
      plan.resource_changes.push({ address, mode: "managed", type: address.replace(/\..*/, ""), change } as never);
      inProduction(plan);
    });
    expect(deleted).toEqual([]);
  });

  test("a log group is protected in production only", async () => {
    const production = await refused("renamed", [], inProduction);
    expect(production.join("\n")).toMatch(
      /aws_cloudwatch_log_group.flows_logs would be deleted .*: its logs would be lost/,
    );
    expect(production).toHaveLength(3);
  });

  test("what is allowed by address is not, and the others still are", async () => {
    const [first, second] = ["aws_sqs_queue.jobs", "aws_sqs_queue.jobs_dead-letters"] as const;
    expect((await review("replaced", [first])).refusals.map(({ address }) => address)).toEqual([second]);
    expect((await review("replaced", [first, second])).refusals).toEqual([]);
  });

  test("an address that is allowed in vain is an error that names what could be: no permission outlives its plan", async () => {
    expect(await failure(review("replaced", ["aws_sqs_queue.*"]))).toBe(
      "--allow aws_sqs_queue.*: this plan does nothing to it that must be allowed. What must be: aws_sqs_queue.jobs, aws_sqs_queue.jobs_dead-letters.",
    );
    expect(await failure(review("updated", ["aws_ssm_parameter.note"]))).toMatch(/Nothing in it must be\.$/);
  });

  test("a construct that was only renamed is recognized", async () => {
    expect((await review("renamed")).rename).toEqual({ from: "flows", to: "jobs" });
    expect((await review("tainted")).rename).toBeUndefined();
  });
});

describe("what is no plan that can be judged", () => {
  test.each([
    ["", /got an empty file\.$/],
    ["\u0000\u0001random bytes", /is not a plan: .* got neither a zip nor JSON\.$/],
    ["[1, 2]", /got JSON of something else\.$/],
    ["null", /got JSON of something else\.$/],
    ['{"format_version":"1.2","terraform_version":"1.11.4"}', /a plan, but not of a stack of this project/],
    ['{"version":4,"terraform_version":"1.11.4","serial":3,"lineage":"a","resources":[]}', /got a state\.$/],
    ['{"format_version":"1.0","terraform_version":"1.11.4","values":{}}', /got a state\.$/],
    ['{"//":{},"terraform":{},"resource":{}}', /got a synthesized stack\.$/],
    [
      '{"@level":"info","type":"version"}\n{"@level":"info","type":"planned_change"}',
      /got the log that terraform plan -json prints\.$/,
    ],
  ])("%j", async (text, message) => {
    expect(await failure(reviewed("updated", text))).toMatch(message);
  });

  test("a format of another major version", async () => {
    const edit = (plan: PlanJson): void => void Object.assign(plan, { format_version: "2.0" });
    expect(await failure(review("updated", [], edit))).toMatch(/has the plan format 2\.0, and this command knows 1\.x/);
  });

  test("a plan that ended with an error", async () => {
    expect(await failure(review("updated", [], (plan) => void (plan.errored = true)))).toMatch(/ended with an error/);
  });

  test("a plan of another deployment, with what is there and how to change it", async () => {
    const edit = (plan: PlanJson): void => {
      const [{ tags }] = plan.configuration.provider_config.aws.expressions.default_tags as [
        { tags: { constant_value: Record<string, string> } },
      ];
      tags.constant_value["deployment"] = "wo-42-dev";
    };
    expect(await failure(review("updated", [], edit))).toMatch(/is a plan of wo-42-dev, and cdktf\.out has rn-dev\./);
  });

  test("a plan of an older synth, with the first thing that differs", async () => {
    expect(await failure(reviewed("unchanged", JSON.stringify(recorded("updated"))))).toMatch(
      /made from another synth of dev-stack .*; the first difference: aws_ssm_parameter\.note: insecure_value\.$/,
    );
    expect(await failure(reviewed("unchanged", JSON.stringify(recorded("renamed"))))).toMatch(
      /the first difference: aws_\S+ is not in the (stack|plan)\.$/,
    );
  });

  test("a file that is not there, a stack without a plan, a zip of something else", async () => {
    const outdir = outdirOf("updated");
    const at = (given: string): Promise<PlanReview> => reviewPlan(given, { allowed: [], env: {}, outdir, cwd: outdir });
    expect(await failure(at("gone"))).toBe("There is neither a stack nor a file gone. The stacks are dev-stack.");
    expect(await failure(at("dev-stack"))).toBe("dev-stack has no plan.");
    writeFileSync(join(outdir, "zip"), "PK\u0003\u0004 and nothing else");
    expect(await failure(at("zip"))).toMatch(/needs its provider, and no stack in cdktf\.out has it yet/);
  });
});
