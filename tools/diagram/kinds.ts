type Arguments = Readonly<Record<string, unknown>>;

/** What a box is for; each family has one colour. */
export type Family = "entry" | "compute" | "store" | "message" | "time" | "watch" | "image" | "secret" | "other";

/** The small picture in a box. */
export type Glyph =
  | "globe"
  | "balancer"
  | "containers"
  | "lambda"
  | "cylinder"
  | "bucket"
  | "queue"
  | "topic"
  | "clock"
  | "bell"
  | "chart"
  | "image"
  | "key"
  | "trail"
  | "mail"
  | "flow"
  | "cube";

/** How a type of resource is drawn. */
export interface Kind {
  readonly family: Family;
  readonly glyph: Glyph;
  /** What stands below the name; from the arguments where they say more. */
  readonly label: (args: Arguments) => string;
  /** Drawn wherever it stands; others only when they are what their part is made for. */
  readonly alone: boolean;
  /** Reached from the internet by itself, without a load balancer. */
  readonly open?: boolean;
}

type Label = string | ((args: Arguments) => string);

function kind(family: Family, glyph: Glyph, label: Label, more: Partial<Kind> = {}): Kind {
  return { family, glyph, label: typeof label === "string" ? () => label : label, alone: true, ...more };
}

const minor = { alone: false };

/** The types that make a box, the first is the likelier heart of its part. A type that is not here is a detail of its part. */
export const KINDS: Readonly<Record<string, Kind>> = {
  aws_lb: kind(
    "entry",
    "balancer",
    ({ load_balancer_type: type }) => `${capital(type ?? "application")} Load Balancer`,
  ),
  aws_apigatewayv2_api: kind("entry", "balancer", ({ protocol_type: type }) => `API Gateway (${text(type, "HTTP")})`, {
    open: true,
  }),
  aws_cloudfront_distribution: kind("entry", "globe", "CloudFront", { open: true }),
  aws_ecs_service: kind("compute", "containers", ecsService),
  aws_lambda_function: kind("compute", "lambda", "Lambda"),
  aws_instance: kind("compute", "cube", ({ instance_type: type }) => `EC2 ${text(type)}`),
  aws_rds_cluster: kind(
    "store",
    "cylinder",
    ({ engine, engine_version: version }) => `${engineName(engine)} ${text(version)}`,
  ),
  aws_db_instance: kind(
    "store",
    "cylinder",
    ({ engine, engine_version: version }) => `RDS ${engineName(engine)} ${text(version)}`,
  ),
  aws_db_proxy: kind("entry", "balancer", "RDS Proxy"),
  aws_elasticache_replication_group: kind(
    "store",
    "cylinder",
    ({ engine, engine_version: version }) => `ElastiCache ${capital(engine ?? "redis")} ${text(version)}`,
  ),
  aws_elasticache_serverless_cache: kind(
    "store",
    "cylinder",
    ({ engine }) => `ElastiCache ${capital(engine ?? "redis")}, serverless`,
  ),
  aws_memorydb_cluster: kind("store", "cylinder", "MemoryDB"),
  aws_dynamodb_table: kind("store", "cylinder", "DynamoDB table"),
  aws_s3_bucket: kind("store", "bucket", "S3 bucket"),
  aws_efs_file_system: kind("store", "bucket", "EFS"),
  aws_sqs_queue: kind("message", "queue", ({ fifo_queue: fifo }) => (fifo === true ? "SQS queue, FIFO" : "SQS queue")),
  aws_sns_topic: kind("message", "topic", "SNS topic"),
  aws_cloudwatch_event_bus: kind("message", "topic", "EventBridge bus"),
  aws_sfn_state_machine: kind("compute", "flow", "Step Functions"),
  aws_cloudtrail: kind("watch", "trail", "CloudTrail"),
  aws_scheduler_schedule: kind("time", "clock", ({ schedule_expression: when }) => `EventBridge, ${text(when)}`),
  aws_cloudwatch_event_rule: kind(
    "time",
    "clock",
    ({ schedule_expression: when }) => ["EventBridge rule", text(when)].filter(Boolean).join(", "),
    minor,
  ),
  aws_ecs_task_definition: kind("compute", "containers", "ECS task, run once", minor),
  aws_ecr_repository: kind("image", "image", "ECR repository", minor),
  aws_secretsmanager_secret: kind("secret", "key", "Secrets Manager", minor),
  aws_ssm_parameter: kind("secret", "key", "SSM parameter", minor),
  aws_kms_key: kind("secret", "key", "KMS key", minor),
  aws_cloudwatch_dashboard: kind("watch", "chart", "CloudWatch dashboard", minor),
  aws_cloudwatch_metric_alarm: kind("watch", "bell", "CloudWatch alarm", minor),
  aws_cloudwatch_log_group: kind("watch", "chart", "CloudWatch logs", minor),
};

/** What surrounds the boxes and is none: the network is drawn as tiers, and a cluster is only where services run. */
export const SURROUNDINGS: ReadonlySet<string> = new Set(["aws_vpc", "aws_ecs_cluster"]);

/** A part that no kind is known for: a plain box with the type's name, `aws_mq_broker` as "mq broker". */
export function unknownKind(type: string): Kind {
  return kind("other", "cube", type.replace(/^aws_/, "").replaceAll("_", " "));
}

function ecsService({ capacity_provider_strategy: strategy, launch_type: type }: Arguments): string {
  const on = JSON.stringify([strategy, type]);
  return on.includes("FARGATE_SPOT")
    ? "ECS on Fargate Spot"
    : on.includes("FARGATE")
      ? "ECS on Fargate"
      : "ECS service";
}

function engineName(engine: unknown): string {
  const names: Readonly<Record<string, string>> = {
    postgres: "PostgreSQL",
    mysql: "MySQL",
    "aurora-postgresql": "Aurora PostgreSQL",
    "aurora-mysql": "Aurora MySQL",
  };
  return names[text(engine)] ?? text(engine);
}

function capital(value: unknown): string {
  const word = text(value);
  return word.charAt(0).toUpperCase() + word.slice(1);
}

/** A literal; nothing for what Terraform fills in. */
function text(value: unknown, otherwise = ""): string {
  return typeof value === "string" && !value.includes("${") ? value : otherwise;
}
