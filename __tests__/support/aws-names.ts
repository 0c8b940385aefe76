/** What AWS says of a name. Lengths and characters: the API reference of each service, parameter by parameter. */
export interface NameRule {
  /** The longest that AWS takes, in characters. */
  readonly max: number;
  readonly pattern: RegExp;
  /** The argument that names what the name is unique in. @default nothing: the account and region, or the world */
  readonly within?: string;
}

/** Letters, digits, hyphens; begins with a letter, and has no two hyphens in a row and none at the end. */
const RDS = /^[a-z](?!.*--)[a-z0-9-]*[a-z0-9]$/;
const HYPHENATED = /^[A-Za-z0-9_-]+$/;
const DOTTED = /^[A-Za-z0-9_.-]+$/;
const IAM = /^[\w+=,.@-]+$/;
const LOAD_BALANCING = /^(?!internal-)(?!.*--)[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?$/;
const DOMAIN = /^(?=.{1,253}$)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,}$/;

/** The arguments that name something in AWS, by type. */
export const AWS_NAMES: Readonly<Record<string, NameRule>> = {
  "aws_acm_certificate.domain_name": { max: 64, pattern: DOMAIN },
  "aws_apigatewayv2_api.name": { max: 128, pattern: DOTTED },
  "aws_apigatewayv2_domain_name.domain_name": { max: 253, pattern: DOMAIN },
  "aws_apigatewayv2_stage.name": { max: 128, pattern: /^(\$default|[A-Za-z0-9_-]+)$/, within: "api_id" },
  "aws_appautoscaling_policy.name": { max: 256, pattern: DOTTED },
  "aws_appautoscaling_scheduled_action.name": { max: 256, pattern: DOTTED },
  "aws_cloudtrail.name": { max: 128, pattern: /^(?=.{3})[A-Za-z0-9]+(?:[._-][A-Za-z0-9]+)*$/ },
  "aws_cloudwatch_dashboard.dashboard_name": { max: 255, pattern: HYPHENATED },
  "aws_cloudwatch_event_rule.name": { max: 64, pattern: DOTTED },
  "aws_cloudwatch_log_group.name": { max: 512, pattern: /^(?!aws\/)[.\-_/#A-Za-z0-9]+$/ },
  "aws_cloudwatch_metric_alarm.alarm_name": { max: 255, pattern: DOTTED },
  "aws_codedeploy_app.name": { max: 100, pattern: IAM },
  "aws_codedeploy_deployment_group.deployment_group_name": { max: 100, pattern: IAM, within: "app_name" },
  "aws_db_instance.identifier": { max: 63, pattern: RDS },
  "aws_db_parameter_group.name": { max: 255, pattern: RDS },
  "aws_db_subnet_group.name": { max: 255, pattern: DOTTED },
  "aws_dynamodb_table.name": { max: 255, pattern: DOTTED },
  "aws_ecr_repository.name": { max: 256, pattern: /^[a-z0-9]+(?:[._-][a-z0-9]+)*$/ },
  "aws_ecs_cluster.name": { max: 255, pattern: HYPHENATED },
  "aws_ecs_service.name": { max: 255, pattern: HYPHENATED },
  "aws_ecs_task_definition.family": { max: 255, pattern: HYPHENATED },
  "aws_elasticache_parameter_group.name": { max: 255, pattern: RDS },
  "aws_elasticache_replication_group.replication_group_id": { max: 40, pattern: RDS },
  "aws_elasticache_subnet_group.name": { max: 255, pattern: RDS },
  "aws_elasticache_user.user_id": { max: 40, pattern: RDS },
  "aws_elasticache_user_group.user_group_id": { max: 40, pattern: RDS },
  "aws_iam_instance_profile.name": { max: 128, pattern: IAM },
  "aws_iam_role.name": { max: 64, pattern: IAM },
  "aws_iam_role_policy.name": { max: 128, pattern: IAM, within: "role" },
  "aws_kms_alias.name": { max: 256, pattern: /^alias\/(?!aws\/)[A-Za-z0-9/_-]+$/ },
  "aws_lambda_alias.name": { max: 128, pattern: /^(?!\d+$)[A-Za-z0-9_-]+$/, within: "function_name" },
  "aws_lambda_function.function_name": { max: 64, pattern: HYPHENATED },
  "aws_lb.name": { max: 32, pattern: LOAD_BALANCING },
  "aws_lb_target_group.name": { max: 32, pattern: LOAD_BALANCING },
  "aws_rds_cluster.cluster_identifier": { max: 63, pattern: RDS },
  "aws_rds_cluster_instance.identifier": { max: 63, pattern: RDS },
  "aws_rds_cluster_parameter_group.name": { max: 255, pattern: RDS },
  "aws_route53_record.name": { max: 253, pattern: DOMAIN },
  "aws_s3_bucket.bucket": { max: 63, pattern: /^[a-z0-9][a-z0-9-]{1,61}[a-z0-9]$/ },
  "aws_scheduler_schedule.name": { max: 64, pattern: DOTTED, within: "group_name" },
  "aws_scheduler_schedule_group.name": { max: 64, pattern: DOTTED },
  // A name that ends in a hyphen and six characters looks like an ARN's end, and is then not found by a part of its ARN.
  "aws_secretsmanager_secret.name": { max: 512, pattern: /^(?!.*-[A-Za-z0-9]{6}$)[A-Za-z0-9/_+=.@-]+$/ },
  "aws_security_group.name": { max: 255, pattern: /^(?!sg-)[A-Za-z0-9 ._\-:/()#,@[\]+=&;{}!$*]+$/ },
  "aws_sns_topic.name": { max: 256, pattern: HYPHENATED },
  "aws_sqs_queue.name": { max: 80, pattern: /^[A-Za-z0-9_-]+(\.fifo)?$/ },
  "aws_ssm_parameter.name": { max: 1011, pattern: /^\/(?!aws\/|ssm\/)[A-Za-z0-9_.-]+(\/[A-Za-z0-9_.-]+){0,14}$/ },
};

/** Names of what is inside of a resource, or that AWS gave: they may be alike. */
export const NOT_OURS: ReadonlySet<string> = new Set([
  "aws_cloudwatch_metric_alarm.metric_name",
  "aws_codedeploy_deployment_group.deployment_config_name",
  "aws_db_instance.db_name",
  "aws_db_parameter_group.family",
  "aws_elasticache_parameter_group.family",
  "aws_elasticache_user.user_name",
  "aws_lambda_alias.function_name",
  "aws_lambda_invocation.function_name",
  "aws_rds_cluster.database_name",
  "aws_rds_cluster_parameter_group.family",
  "aws_vpc_endpoint.service_name",
]);

/** What may be a name, by its argument. */
export const NAME_ARGUMENT =
  /(^|_)(name|prefix|bucket|family|identifier|alias)$|^(replication_group|user|user_group|cluster)_id$/;

/** A tag's value: letters, spaces and digits of any script, and _ . : / = + - @ */
export const TAG_VALUE = /^[\p{L}\p{Z}\p{N}_.:/=+\-@]{0,256}$/u;
