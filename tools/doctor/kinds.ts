import type { SynthesizedResource } from "../support/synthesized-resources";

/** How a type that AWS tags is found again, by the ARN that the tagging API lists, and imported. */
export interface Kind {
  readonly type: string;
  /** The ARN without its head, "sqs:fb-dev-flows"; its group is the name, or the id of what has none. */
  readonly arn: RegExp;
  /** What tells which of the code's resources it is: its name, or, where AWS has only an id, the tag Name. */
  readonly knownBy: "name" | "tag";
  /** What `terraform import` takes: that group, the ARN, or what has to be put together. */
  readonly importedBy:
    "group" | "arn" | ((found: { group: string; arn: string }, argument: Argument) => string | undefined);
}

/** An argument of the resource in the code, with its references resolved; undefined when it has none. */
export type Argument = (name: string) => string | undefined;

const named = (type: string, arn: RegExp, importedBy: Kind["importedBy"] = "group"): Kind => ({
  ...{ type, arn, knownBy: "name", importedBy },
});
const tagged = (type: string, arn: RegExp, importedBy: Kind["importedBy"] = "group"): Kind => ({
  ...{ type, arn, knownBy: "tag", importedBy },
});

/** In the order in which they are imported and told: what others stand in comes first. */
const KINDS: readonly Kind[] = [
  tagged("aws_vpc", /^ec2:vpc\/(.+)/),
  tagged("aws_subnet", /^ec2:subnet\/(.+)/),
  tagged("aws_route_table", /^ec2:route-table\/(.+)/),
  tagged("aws_internet_gateway", /^ec2:internet-gateway\/(.+)/),
  tagged("aws_eip", /^ec2:elastic-ip\/(.+)/),
  tagged("aws_nat_gateway", /^ec2:natgateway\/(.+)/),
  tagged("aws_vpc_endpoint", /^ec2:vpc-endpoint\/(.+)/),
  tagged("aws_flow_log", /^ec2:vpc-flow-log\/(.+)/),
  tagged("aws_security_group", /^ec2:security-group\/(.+)/),
  tagged("aws_vpc_security_group_ingress_rule", /^ec2:security-group-rule\/(.+)/),
  tagged("aws_vpc_security_group_egress_rule", /^ec2:security-group-rule\/(.+)/),
  tagged("aws_network_interface", /^ec2:network-interface\/(.+)/),
  tagged("aws_instance", /^ec2:instance\/(.+)/),
  tagged("aws_kms_key", /^kms:key\/(.+)/),
  tagged("aws_acm_certificate", /^acm:certificate\/(.+)/, "arn"),
  named("aws_cloudwatch_log_group", /^logs:log-group:([^:]+)/),
  named("aws_secretsmanager_secret", /^secretsmanager:secret:(.+)-\w{6}$/, "arn"),
  named("aws_ssm_parameter", /^ssm:parameter(\/.+)/),
  named("aws_db_subnet_group", /^rds:subgrp:(.+)/),
  named("aws_db_parameter_group", /^rds:pg:(.+)/),
  named("aws_db_instance", /^rds:db:(.+)/),
  named("aws_rds_cluster_parameter_group", /^rds:cluster-pg:(.+)/),
  named("aws_rds_cluster", /^rds:cluster:(.+)/),
  named("aws_rds_cluster_instance", /^rds:db:(.+)/),
  named("aws_elasticache_subnet_group", /^elasticache:subnetgroup:(.+)/),
  named("aws_elasticache_parameter_group", /^elasticache:parametergroup:(.+)/),
  named("aws_elasticache_user", /^elasticache:user:(.+)/),
  named("aws_elasticache_user_group", /^elasticache:usergroup:(.+)/),
  named("aws_elasticache_replication_group", /^elasticache:replicationgroup:(.+)/),
  named("aws_s3_bucket", /^s3:([^/]+)$/),
  named("aws_sqs_queue", /^sqs:([^:]+)/), // Imported by its URL, which its probe asks for.
  named("aws_sns_topic", /^sns:([^:]+)$/, "arn"),
  named("aws_ecr_repository", /^ecr:repository\/(.+)/),
  named("aws_lambda_function", /^lambda:function:([^:]+)$/),
  tagged("aws_lambda_event_source_mapping", /^lambda:event-source-mapping:(.+)/),
  named("aws_codedeploy_app", /^codedeploy:application:(.+)/),
  tagged("aws_codedeploy_deployment_group", /^codedeploy:deploymentgroup:(.+)/, ({ group }) => group.replace("/", ":")),
  tagged("aws_apigatewayv2_api", /^apigateway:\/apis\/([^/]+)$/),
  tagged("aws_apigatewayv2_stage", /^apigateway:\/apis\/([^/]+\/stages\/.+)/, ({ group }) =>
    group.replace("/stages", ""),
  ),
  named("aws_apigatewayv2_domain_name", /^apigateway:\/domainnames\/([^/]+)$/),
  named("aws_lb", /^elasticloadbalancing:loadbalancer\/(?:app|net)\/([^/]+)\//, "arn"),
  named("aws_lb_target_group", /^elasticloadbalancing:targetgroup\/([^/]+)\//, "arn"),
  tagged("aws_lb_listener", /^elasticloadbalancing:(listener)\//, "arn"),
  tagged("aws_lb_listener_rule", /^elasticloadbalancing:(listener-rule)\//, "arn"),
  named("aws_ecs_cluster", /^ecs:cluster\/(.+)/),
  named("aws_ecs_service", /^ecs:service\/[^/]+\/(.+)/, ({ arn }) => /:service\/(.+)/.exec(arn)?.[1]),
  tagged("aws_appautoscaling_target", /^application-autoscaling:(scalable-target)\//, (_, argument) => {
    const [namespace, resource, dimension] = ["service_namespace", "resource_id", "scalable_dimension"].map(argument);
    return namespace && resource && dimension ? `${namespace}/${resource}/${dimension}` : undefined;
  }),
  named("aws_scheduler_schedule_group", /^scheduler:schedule-group\/(.+)/),
  named("aws_cloudwatch_event_rule", /^events:rule\/(.+)/),
  named("aws_cloudwatch_metric_alarm", /^cloudwatch:alarm:(.+)/),
];

/** Tagged, but not Terraform's, unless the code names one: revisions and backups that are meant to stay, and what AWS makes for a resource. */
const NOT_OURS: readonly RegExp[] = [
  /^ecs:task-definition\//,
  /^ecs:task\//,
  /^rds:(cluster-)?(snapshot|auto-backup):/,
  /^elasticache:(cluster|snapshot):/,
  /^ec2:(network-interface|volume)\//,
];

/** What an apply needs no import for, and why: creating it anew takes over what is there. */
export const TAKEN_OVER: Readonly<Record<string, string>> = {
  aws_acm_certificate_validation: "is no thing: the certificate's proof is waited for again",
  aws_apigatewayv2_integration: "a second one is made; the first serves no route, and goes with its API",
  aws_appautoscaling_policy: "PutScalingPolicy writes over the policy of that name",
  aws_appautoscaling_scheduled_action: "PutScheduledAction writes over the action of that name",
  aws_cloudwatch_dashboard: "PutDashboard writes over the dashboard of that name",
  aws_default_security_group: "is adopted, not created",
  aws_ecr_lifecycle_policy: "PutLifecyclePolicy writes over it",
  aws_ecs_cluster_capacity_providers: "PutClusterCapacityProviders writes over them",
  aws_ecs_task_definition: "a new revision is registered; the old ones are kept in any case",
  aws_iam_role_policy: "PutRolePolicy writes over the policy of that name",
  aws_lambda_invocation: "is no thing: the function is run again",
  aws_lambda_function_event_invoke_config: "PutFunctionEventInvokeConfig writes over it",
  ...Object.fromEntries(
    ["lifecycle_configuration", "ownership_controls", "policy", "public_access_block", "versioning"]
      .concat("server_side_encryption_configuration")
      .map((setting) => [`aws_s3_bucket_${setting}`, "a bucket's settings are written over"]),
  ),
  aws_secretsmanager_secret_rotation: "RotateSecret writes over the rotation of that secret",
  aws_secretsmanager_secret_version: "a new value is written; an import would put the old one into the state",
  aws_sns_topic_subscription: "Subscribe returns the subscription that is there",
  terraform_data: "is in the state only",
};

/** Arguments that name a resource in AWS, the first that a resource has. */
const NAMES = [
  "name",
  "identifier",
  "cluster_identifier",
  "replication_group_id",
  "user_group_id",
  "user_id",
  "function_name",
  "alarm_name",
  "bucket",
  "domain_name",
];

export const rank = (type: string): number => KINDS.findIndex((kind) => kind.type === type);

export function kindOf(type: string): Kind | undefined {
  return KINDS.find((kind) => kind.type === type);
}

/** The kinds that an ARN may be of (ingress and egress rules share theirs): none when we do not know it. */
export function kindsOf(arn: string): readonly { readonly kind: Kind; readonly group: string }[] {
  const tail = tailOf(arn);
  return KINDS.flatMap((kind) => {
    const group = kind.arn.exec(tail)?.[1];
    return group === undefined ? [] : [{ kind, group }];
  });
}

export function isOurs(arn: string): boolean {
  return !NOT_OURS.some((pattern) => pattern.test(tailOf(arn)));
}

/** What a resource of the code is known by in AWS: its literal name or its tag Name. */
export function identityOf({ type, arguments: args }: SynthesizedResource): string | undefined {
  const tags = args["tags"] as Readonly<Record<string, unknown>> | undefined;
  const value = kindOf(type)?.knownBy === "tag" ? tags?.["Name"] : nameIn(args);
  return typeof value === "string" && !value.includes("${") ? value : undefined;
}

/** The name among a resource's arguments or attributes. */
export function nameIn(args: Readonly<Record<string, unknown>>): unknown {
  return NAMES.map((name) => args[name]).find((value) => value !== undefined && value !== null);
}

/** "sqs:fb-dev-flows" of "arn:aws:sqs:eu-west-1:111111111111:fb-dev-flows". */
function tailOf(arn: string): string {
  const [, , service = "", , , ...rest] = arn.split(":");
  return `${service}:${rest.join(":")}`;
}
