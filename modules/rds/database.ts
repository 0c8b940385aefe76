import { CloudwatchLogGroup } from "@cdktf/provider-aws/lib/cloudwatch-log-group";
import { DbSubnetGroup } from "@cdktf/provider-aws/lib/db-subnet-group";
import { type Construct } from "constructs";
import { check, checkInteger } from "../checks";
import { checkLogRetention } from "../monitoring/log-retention";
import { pathOf, physicalName } from "../naming";
import { type Network } from "../networking";

/** What every database says of how it is kept. */
export interface Keeping {
  /** The major version; RDS chooses the minor one. A higher one upgrades the database. @default "16" */
  readonly engineVersion?: string;
  /** Days to which the database can be restored to the second. */
  readonly backupDays: number;
  /** Deletion protection, a final snapshot, backups that outlive the database, and no replacement by Terraform. */
  readonly protect: boolean;
  /** Days that CloudWatch Logs keeps the database's log. */
  readonly logRetentionDays: number;
}

export const PORT = 5432;
/** The database in the server. */
export const DATABASE = "app";
const VERSIONS = ["15", "16", "17"];

/** PostgreSQL's own parameter that refuses whoever does not speak TLS. */
export const TLS_ONLY = {
  name: "rds.force_ssl",
  value: "1",
  // Where it is the family's own value, RDS keeps its own apply method: "immediate" would differ at every plan.
  applyMethod: "pending-reboot",
} as const;

/** The windows, in UTC, in which RDS backs up and maintains. */
export const WINDOWS = { backup: "02:00-03:00", maintenance: "sun:03:30-sun:04:30" } as const;

/** The name of a subnet group of a network's isolated subnets. */
export function isolatedSubnetGroup(scope: Construct, network: Network): string {
  const group = new DbSubnetGroup(scope, "subnets", {
    name: physicalName(scope, { max: 255 }),
    description: "The isolated subnets",
    subnetIds: network.isolatedSubnetIds,
  });
  return group.name;
}

/** The groups that RDS would create itself for a database's logs, to be kept for ever. @param kind "instance" or "cluster" */
export function logGroups(
  scope: Construct,
  kind: "instance" | "cluster",
  identifier: string,
  logs: readonly string[],
  retentionInDays: number,
): CloudwatchLogGroup[] {
  return logs.map(
    (log) =>
      new CloudwatchLogGroup(scope, `${log}-log`, {
        name: `/aws/rds/${kind}/${identifier}/${log}`,
        retentionInDays,
      }),
  );
}

/**
 * What keeps a protected database, and lets another go without a trace.
 * @param once what no other database of this name ever has, such as its security group's id: a snapshot outlives its
 * database, and the next one must not want the same name
 */
export function protection(protect: boolean, identifier: string, once: string) {
  return {
    copyTagsToSnapshot: true,
    deleteAutomatedBackups: !protect,
    deletionProtection: protect,
    skipFinalSnapshot: !protect,
    ...(protect && { finalSnapshotIdentifier: `${identifier}-final-${once}` }),
    // A replaced database is a lost one: the plan fails, and so does `terraform destroy`.
    lifecycle: { preventDestroy: protect },
  };
}

/** `check` what every database says. @param leastBackupDays the fewest that its kind takes */
export function checkKeeping(
  scope: Construct,
  { engineVersion = "16", backupDays, protect, logRetentionDays }: Keeping,
  leastBackupDays: number,
): void {
  const what = (setting: string): string => `${pathOf(scope).join("/")}: ${setting}`;
  check(scope, VERSIONS.includes(engineVersion), {
    what: what("engineVersion"),
    got: engineVersion,
    expected: `one of ${VERSIONS.join(", ")}`,
    fix: "Name the major version only; RDS chooses the minor one.",
  });
  const least = protect ? Math.max(1, leastBackupDays) : leastBackupDays;
  const fix = leastBackupDays > 0 ? "Aurora always keeps a day." : "A protected database needs backups.";
  checkInteger(scope, what("backupDays"), backupDays, least, 35, fix, "days");
  checkLogRetention(scope, what("logRetentionDays"), logRetentionDays);
}
