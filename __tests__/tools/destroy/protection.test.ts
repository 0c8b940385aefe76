import { told } from "../../../tools/support/failure";
import { checkUnprotected, protections } from "../../../tools/destroy/protection";
import { isPreview, targetOf } from "../../../tools/destroy/target";
import { type RecordedResource } from "../../../tools/support/recorded-state";
import { type UsageError } from "../../../deployment";

const recorded = (address: string, attributes: Record<string, unknown>): RecordedResource => ({
  ...{ address, type: address.replace(/\..*/, ""), tainted: false, deposed: false },
  attributes,
});
const production = targetOf("flow-builder", "production", "fb-production");
const dev = targetOf("flow-builder", "dev", "fb-42-dev");

const refusal = (...args: Parameters<typeof checkUnprotected>): string | undefined => {
  try {
    checkUnprotected(...args);
    return undefined;
  } catch (error) {
    return told(error as UsageError);
  }
};

test.each([
  [
    "aws_db_instance.database",
    { deletion_protection: true, skip_final_snapshot: false },
    "deletion protection, a final snapshot",
  ],
  ["aws_rds_cluster.database", { skip_final_snapshot: false, final_snapshot_identifier: "x" }, "a final snapshot"],
  ["aws_elasticache_replication_group.cache", { final_snapshot_identifier: "cache-final" }, "a final snapshot"],
  ["aws_lb.load-balancer", { enable_deletion_protection: true }, "deletion protection"],
  ["aws_dynamodb_table.lock", { deletion_protection_enabled: true }, "deletion protection"],
  ["aws_ecr_repository.api-images", { force_delete: false }, "it must be empty"],
  ["aws_s3_bucket.logs", { force_destroy: false }, "it must be empty"],
  ["aws_secretsmanager_secret.key", { recovery_window_in_days: 30 }, "it can be recovered for 30 days"],
])("%s with %j resists its deletion", (address, attributes, by) => {
  expect(protections([recorded(address, attributes)], "production")).toMatchObject([{ address, by }]);
});

test.each([
  [
    "aws_db_instance.database",
    { deletion_protection: false, skip_final_snapshot: true, final_snapshot_identifier: "" },
  ],
  ["aws_ecr_repository.api-images", { force_delete: true }],
  ["aws_secretsmanager_secret.key", { recovery_window_in_days: 0 }],
  ["aws_ecs_service.api", { force_delete: false }],
])("%s with %j does not", (address, attributes) => {
  expect(protections([recorded(address, attributes)], "dev")).toEqual([]);
});

test("what was imported and never applied says nothing, and is not protected by it", () => {
  const imported = { force_delete: null, recovery_window_in_days: null, skip_final_snapshot: undefined };
  expect(protections([recorded("aws_ecr_repository.api-images", imported)], "dev")).toEqual([]);
});

test("a protected deployment is refused with two steps, the first with exactly what check-plan would refuse", () => {
  const resources = [
    recorded("aws_db_instance.database", { deletion_protection: true }),
    recorded("aws_lb.load-balancer", { enable_deletion_protection: true }),
    recorded("aws_elasticache_replication_group.cache", { final_snapshot_identifier: "cache-final" }),
  ];
  expect(refusal(production, resources, "npm run destroy -- production")).toBe(
    [
      "fb-production is protected. Nothing was changed.",
      "- aws_db_instance.database: deletion protection",
      "- aws_lb.load-balancer: deletion protection",
      "- aws_elasticache_replication_group.cache: a final snapshot",
      "To destroy it all the same takes two steps, each of which is meant:",
      "1. Set protect: false in environments/flow-builder/production.ts, have that reviewed, and deploy it:",
      "     npx cdktf plan production-stack",
      "     npm run check-plan -- production-stack \\",
      "         --allow aws_db_instance.database \\",
      "         --allow aws_elasticache_replication_group.cache",
      "     npx cdktf deploy production-stack",
      "2. Destroy it by its name. There will be no final snapshot, and backups go with their database:",
      "     npm run destroy -- production --confirm fb-production",
    ].join("\n"),
  );
});

test("a file that says protect: true protects what was deployed without", () => {
  expect(refusal(production, [], "again")).toContain("fb-production is protected");
  expect(refusal(dev, [], "again")).toBeUndefined();
});

test("a file that is changed already, but not deployed, protects nobody: the state does", () => {
  const still = [recorded("aws_secretsmanager_secret.key", { recovery_window_in_days: 30 })];
  expect(refusal(dev, still, "again")).toContain("says protect: false already, but that is not deployed yet");
});

test.each([
  ["flow-builder", "dev", "fb-42-dev", true],
  ["flow-builder", "dev", "fb-dev", false],
  ["flow-builder", "production", "fb-production", false],
  ["flow-builder", "production", "fb-42-production", false],
  ["flow-builder", "dev", "ns-42-dev", false],
  ["gone-system", "dev", "gs-42-dev", false],
])("of %s in %s, %s is a preview: %p", (system, environment, deployment, expected) => {
  expect(isPreview(targetOf(system, environment, deployment))).toBe(expected);
});
