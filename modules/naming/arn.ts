import { DataAwsCallerIdentity } from "@cdktf/provider-aws/lib/data-aws-caller-identity";
import { DataAwsRegion } from "@cdktf/provider-aws/lib/data-aws-region";
import { TerraformStack } from "cdktf";
import { type Construct } from "constructs";

/** The account that a construct is deployed to; outside of a `BaseStack`, the one that Terraform's credentials belong to. */
export function accountOf(construct: Construct): string {
  const known = construct.node.tryGetContext("account") as string | undefined;
  return known ?? once(construct, "this-account", (stack, id) => new DataAwsCallerIdentity(stack, id)).accountId;
}

/** The region that a construct is deployed to; outside of a `BaseStack`, the provider's. */
export function regionOf(construct: Construct): string {
  const known = construct.node.tryGetContext("region") as string | undefined;
  return known ?? once(construct, "this-region", (stack, id) => new DataAwsRegion(stack, id)).name;
}

/**
 * The ARN that something in a construct's account and region will have. For policies that name the resource they stand
 * in: a reference to its own `arn` would be a cycle. `region` is empty for IAM, which has none.
 */
export function arnOf(construct: Construct, service: string, resource: string, region = regionOf(construct)): string {
  return `arn:${partitionOf(construct)}:${service}:${region}:${accountOf(construct)}:${resource}`;
}

/** "aws", or the partition of China or of the US government. */
export function partitionOf(construct: Construct): string {
  const region = (construct.node.tryGetContext("region") as string | undefined) ?? "";
  if (region.startsWith("cn-")) return "aws-cn";
  return region.startsWith("us-gov-") ? "aws-us-gov" : "aws";
}

function once<T extends Construct>(
  construct: Construct,
  id: string,
  make: (stack: TerraformStack, id: string) => T,
): T {
  const stack = TerraformStack.of(construct);
  return (stack.node.tryFindChild(id) as T | undefined) ?? make(stack, id);
}
