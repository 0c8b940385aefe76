import { isOurs, kindsOf } from "../../../tools/doctor/kinds";

const head = (service: string): string => `arn:aws:${service}:eu-west-1:111111111111`;

test.each([
  ["aws_sqs_queue", `${head("sqs")}:fb-dev-flows`, "fb-dev-flows"],
  ["aws_db_instance", `${head("rds")}:db:fb-dev-database`, "fb-dev-database"],
  ["aws_elasticache_user", `${head("elasticache")}:user:wo-dev-cache`, "wo-dev-cache"],
  ["aws_elasticache_user_group", `${head("elasticache")}:usergroup:wo-dev-cache`, "wo-dev-cache"],
  ["aws_cloudwatch_log_group", `${head("logs")}:log-group:/ecs/fb-dev-api`, "/ecs/fb-dev-api"],
  ["aws_cloudwatch_log_group", `${head("logs")}:log-group:/ecs/fb-dev-api:*`, "/ecs/fb-dev-api"],
  ["aws_secretsmanager_secret", `${head("secretsmanager")}:secret:fb-dev-database-url-a1B2c3`, "fb-dev-database-url"],
  ["aws_ssm_parameter", `${head("ssm")}:parameter/fb-dev/api/image`, "/fb-dev/api/image"],
  ["aws_ecs_service", `${head("ecs")}:service/fb-dev-cluster/fb-dev-api`, "fb-dev-api"],
  ["aws_lb", `${head("elasticloadbalancing")}:loadbalancer/app/fb-dev-api/50dc6c495c0c9188`, "fb-dev-api"],
  ["aws_lb_target_group", `${head("elasticloadbalancing")}:targetgroup/fb-dev-api/73e2d6bc24d8a067`, "fb-dev-api"],
  [
    "aws_acm_certificate",
    `${head("acm")}:certificate/00000000-0000-4000-8000-000000000000`,
    "00000000-0000-4000-8000-000000000000",
  ],
  ["aws_vpc", `${head("ec2")}:vpc/vpc-1`, "vpc-1"],
  ["aws_lambda_function", `${head("lambda")}:function:fb-dev-scheduler`, "fb-dev-scheduler"],
])("%s is told from its ARN %s", (type, arn, group) => {
  expect(kindsOf(arn).map(({ kind, group }) => [kind.type, group])).toContainEqual([type, group]);
});

test.each([
  `${head("ecs")}:task-definition/fb-dev-api-task:3`,
  `${head("rds")}:snapshot:rds:fb-dev-database-2026-11-21`,
  `${head("elasticache")}:cluster:fb-dev-cache-0001-001`,
  `${head("ec2")}:network-interface/eni-1`,
])("%s is no stray: it is meant to stay, or AWS's own", (arn) => {
  expect(isOurs(arn)).toBe(false);
});
