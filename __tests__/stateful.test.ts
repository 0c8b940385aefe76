import { STATEFUL, isStateful, keepsLess } from "../stacks/stateful";
import { whatItMeans } from "./support/stateful-diff";
import { everyEnvironment, resources, synthesized } from "./support/synth";

describe.each(everyEnvironment)("%s %s", (system, environment) => {
  const { stack, state, account } = synthesized(system, environment);
  const all = [stack, state, account].flatMap((one) => resources(one));

  test("what holds data keeps its address and its name in AWS", () => {
    const named = all
      .filter(({ type }) => STATEFUL[type] !== undefined && !STATEFUL[type].settings)
      .map(({ type, address, args }) => [address, String(args[STATEFUL[type]?.name ?? ""] ?? "named by AWS")] as const);
    expect(named.length).toBeGreaterThan(5);
    expect(Object.fromEntries(named)).toMatchSnapshot();
    // Jest keeps a snapshot's difference until the test has ended; it is told with what it means.
    const [difference] = expect.getState().suppressedErrors.splice(0);
    if (difference) throw new Error(`${whatItMeans(difference.message)}\n\n${difference.message}`);
  });

  test("whatever a stack protects from its deletion is known to hold data", () => {
    for (const { type, address, args } of all) {
      const { prevent_destroy: prevented } = (args["lifecycle"] ?? {}) as { prevent_destroy?: boolean };
      if (prevented === true || args["deletion_protection"] === true || "final_snapshot_identifier" in args) {
        expect(`${address} ${String(isStateful(type, environment))}`).toBe(`${address} true`);
      }
    }
  });
});

describe("a difference from the committed list", () => {
  test("is told as what would happen to the data", () => {
    const text = whatItMeans(
      [
        "- Snapshot  - 3",
        "+ Received  + 3",
        "  Object {",
        '    "aws_ecr_repository.api-images": "fb-dev-api-images",',
        '-   "aws_db_instance.database": "fb-dev-database",',
        '+   "aws_db_instance.database": "fb-dev-db",',
        '-   "aws_sqs_queue.flows": "fb-dev-flows",',
        '+   "aws_sqs_queue.jobs": "fb-dev-flows",',
        '-   "aws_s3_bucket.files": "fb-dev-files",',
        '+   "aws_kms_key.keys": "named by AWS",',
      ].join("\n"),
    );
    expect(text.split("\n").slice(0, 5)).toEqual([
      "aws_db_instance.database would be replaced: its name in AWS changes from fb-dev-database to fb-dev-db.",
      "aws_sqs_queue.flows (fb-dev-flows) would be deleted and made again as aws_sqs_queue.jobs, unless stacks/moves.ts says that it moved.",
      "aws_s3_bucket.files (fb-dev-files) would be deleted: it is not in the stack any more.",
      "aws_sqs_queue.jobs (fb-dev-flows) is new.",
      "aws_kms_key.keys (named by AWS) is new.",
    ]);
    expect(text).toContain("CONTRIBUTING.md");
  });

  test("is read from what jest itself prints", () => {
    let printed = "";
    try {
      expect({ "aws_sqs_queue.jobs": "fb-dev-jobs" }).toEqual({ "aws_sqs_queue.flows": "fb-dev-flows" });
    } catch (error) {
      printed = (error as Error).message;
    }
    expect(whatItMeans(printed)).toMatch(/^aws_sqs_queue\.flows \(fb-dev-flows\) would be deleted/);
  });
});

/** The one rule of a bucket's lifecycle, as a plan has it. */
const expiry = (days?: number, versions?: number, { id = "expire", status = "Enabled" } = {}) => [
  {
    ...{ id, status, filter: [{ prefix: "" }] },
    expiration: days === undefined ? [] : [{ days, date: null }],
    noncurrent_version_expiration: versions === undefined ? [] : [{ noncurrent_days: versions }],
  },
];

test.each([
  ["deletion_protection", true, false, true],
  ["deletion_protection", false, true, false],
  ["skip_final_snapshot", false, true, true],
  ["force_delete", undefined, true, true],
  ["backup_retention_period", 7, 1, true],
  ["backup_retention_period", 1, 7, false],
  ["retention_in_days", 0, 30, true],
  ["retention_in_days", 30, 0, false],
  ["point_in_time_recovery", [{ enabled: true }], [{ enabled: false }], true],
  ["point_in_time_recovery", [{ enabled: true }], [], true],
  ["final_snapshot_identifier", "fb-dev-cache-final", null, true],
  ["final_snapshot_identifier", "fb-dev-cache-final", "fb-dev-cache-final-2", false],
  ["final_snapshot_identifier", null, "fb-dev-cache-final", false],
  ["automatic_failover_enabled", true, false, true],
  ["automatic_failover_enabled", false, true, false],
  ["num_cache_clusters", 2, 1, true],
  ["num_cache_clusters", 1, 2, false],
  ["rule", expiry(90), expiry(30), true],
  ["rule", expiry(30), expiry(90), false],
  ["rule", expiry(), expiry(90), true],
  ["rule", expiry(90), expiry(), false],
  ["rule", expiry(90), [], false],
  ["rule", [], expiry(90), true],
  ["rule", expiry(90, 30), expiry(90, 7), true],
  ["rule", expiry(90, 7), expiry(90, 30), false],
  ["rule", expiry(90, 7, { status: "Disabled" }), expiry(90, 7), true],
  ["rule", expiry(90, 7), expiry(30, 3, { status: "Disabled" }), false],
  ["rule", expiry(90), [...expiry(90), ...expiry(30, 7, { id: "other" })], true],
  ["instance_class", "db.t4g.large", "db.t4g.micro", false],
])("%s from %j to %j keeps less: %s", (argument, before, after, less) => {
  expect(keepsLess(argument, before, after)).toBe(less);
});
