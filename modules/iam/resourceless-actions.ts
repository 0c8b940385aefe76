/**
 * The actions that AWS gives no resource for: the only ones that a policy may allow on `*`. Each was looked up in
 * the Service Authorization Reference; add one only with a review.
 */
export const RESOURCELESS_ACTIONS: ReadonlySet<string> = new Set([
  "cloudwatch:PutMetricData",
  "ec2:AssignPrivateIpAddresses",
  "ec2:CreateNetworkInterface",
  "ec2:DeleteNetworkInterface",
  "ec2:DescribeNetworkInterfaces",
  "ec2:DescribeSubnets",
  "ec2:UnassignPrivateIpAddresses",
  "ecr:GetAuthorizationToken",
  "ssmmessages:CreateControlChannel",
  "ssmmessages:CreateDataChannel",
  "ssmmessages:OpenControlChannel",
  "ssmmessages:OpenDataChannel",
  "xray:PutTelemetryRecords",
  "xray:PutTraceSegments",
]);
