/**
 * The only actions that a policy may allow on `*`. AWS gives them no resource (Service Authorization Reference), but for
 * those on network interfaces: Lambda asks for them on `*` (Lambda Developer Guide, AWSLambdaVPCAccessExecutionRole).
 * Add one only with a review.
 */
export const RESOURCELESS_ACTIONS: ReadonlySet<string> = new Set([
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
