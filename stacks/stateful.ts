/** A type of resource that holds what a deploy cannot bring back. */
export interface Stateful {
  /** The argument that holds its name in AWS. @default none: AWS names it */
  readonly name?: string;
  /** What is lost with it, in the plural: "messages". */
  readonly holds: string;
  /** The only environment in which it is protected. @default all */
  readonly only?: "production";
  /** Whether it holds no data, but says how long others keep theirs, which without it is for ever. @default false */
  readonly settings?: true;
}

/**
 * What holds data, and is not to be deleted or replaced by surprise: `npm run check-plan` refuses it, and a committed
 * list of their addresses and names shows a rename in review. An instance of a database cluster is not one: the cluster
 * has the data.
 */
export const STATEFUL: Readonly<Record<string, Stateful>> = {
  aws_db_instance: { name: "identifier", holds: "rows" },
  aws_rds_cluster: { name: "cluster_identifier", holds: "rows" },
  aws_elasticache_replication_group: { name: "replication_group_id", holds: "entries" },
  aws_elasticache_cluster: { name: "cluster_id", holds: "entries" },
  aws_sqs_queue: { name: "name", holds: "messages" },
  aws_s3_bucket: { name: "bucket", holds: "objects" },
  aws_dynamodb_table: { name: "name", holds: "items" },
  aws_secretsmanager_secret: { name: "name", holds: "values" },
  aws_kms_key: { holds: "key material, and whatever it encrypts" },
  aws_ecr_repository: { name: "name", holds: "images" },
  aws_ssm_parameter: { name: "name", holds: "value (which image runs)" },
  aws_cloudwatch_log_group: { name: "name", holds: "logs", only: "production" },
  aws_s3_bucket_lifecycle_configuration: {
    ...{ holds: "rules (how long objects are kept)", only: "production", settings: true },
  },
};

/** What keeps data when it is on, or has a value. */
const ON = [
  "automatic_failover_enabled",
  "deletion_protection",
  "deletion_protection_enabled",
  "final_snapshot_identifier",
  "point_in_time_recovery",
];
/** What keeps data when it is off. */
const OFF = ["skip_final_snapshot", "delete_automated_backups", "force_destroy", "force_delete"];
/** What keeps data the longer, or the more often, the larger it is. */
const LONG = [
  "backup_retention_period",
  "deletion_window_in_days",
  "message_retention_seconds",
  "num_cache_clusters",
  "recovery_window_in_days",
  "retention_in_days",
  "snapshot_retention_limit",
];

export function isStateful(type: string, environment: string): boolean {
  const { only = environment } = STATEFUL[type] ?? { only: "" };
  return only === environment;
}

/**
 * Whether a changed argument keeps less than before: a protection that goes off, fewer copies, or backups, messages or objects
 * kept for a shorter time.
 */
export function keepsLess(argument: string, before: unknown, after: unknown): boolean {
  if (ON.includes(argument)) return isOn(before) && !isOn(after);
  if (OFF.includes(argument)) return !isOn(before) && isOn(after);
  if (argument === "rule") return expiresSooner(before, after);
  return LONG.includes(argument) && span(argument, after) < span(argument, before);
}

/** A block (`point_in_time_recovery`) is on when its `enabled` is. */
function isOn(value: unknown): boolean {
  const [block] = [value].flat() as unknown[];
  return typeof block === "object" && block !== null
    ? (block as { enabled?: unknown }).enabled === true
    : value === true || (typeof value === "string" && value !== "");
}

/** A rule of a bucket's lifecycle, as a plan has it. */
interface Rule {
  readonly id?: string;
  readonly status?: string;
  readonly expiration?: readonly { readonly days?: number | null }[];
  readonly noncurrent_version_expiration?: readonly { readonly noncurrent_days?: number | null }[];
}

/** Whether a rule, by its id, deletes objects or their old versions sooner than before; a new one does, as does one switched on. */
function expiresSooner(before: unknown, after: unknown): boolean {
  const rules = new Map(((before ?? []) as readonly Rule[]).map((rule) => [rule.id, lives(rule)]));
  return ((after ?? []) as readonly Rule[]).some((rule) => {
    const [object, version] = rules.get(rule.id) ?? [Infinity, Infinity];
    const [nextObject, nextVersion] = lives(rule);
    return nextObject < object || nextVersion < version;
  });
}

/** The days that a rule lets an object live, and an old version. */
function lives({ status, expiration, noncurrent_version_expiration: versions }: Rule): readonly [number, number] {
  if (status !== "Enabled") return [Infinity, Infinity];
  return [expiration?.[0]?.days || Infinity, versions?.[0]?.noncurrent_days || Infinity];
}

/** CloudWatch keeps logs for ever when told 0 days. */
function span(argument: string, value: unknown): number {
  return argument === "retention_in_days" && value === 0 ? Infinity : Number(value ?? 0);
}
