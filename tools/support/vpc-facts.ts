import {
  DescribeAddressesCommand,
  DescribeInternetGatewaysCommand,
  DescribeNatGatewaysCommand,
  DescribeRouteTablesCommand,
  DescribeSecurityGroupRulesCommand,
  DescribeSecurityGroupsCommand,
  DescribeSubnetsCommand,
  DescribeVpcEndpointsCommand,
  DescribeVpcsCommand,
  EC2Client,
} from "@aws-sdk/client-ec2";
import type { ClientConfig } from "./aws-clients";

/** What EC2 says of one of its resources. */
export interface VpcFact {
  /** The VPC that it stands in; undefined for what stands in none, such as an address. */
  readonly vpc?: string;
  /** The security group of a rule. */
  readonly group?: string;
  /** Comes with its VPC, and goes with it. */
  readonly innate?: true;
}

const GONE = new Set<string | undefined>(["deleted", "deleting", "failed"]);

/**
 * The parts of a deployment's networks that are there now, by id. The tagging API goes on listing what was deleted in the
 * last hours; EC2 itself does not.
 */
export async function vpcFacts(deployment: string, config: ClientConfig): Promise<ReadonlyMap<string, VpcFact>> {
  const client = new EC2Client(config);
  const Filters = [{ Name: "tag:deployment", Values: [deployment] }];
  const facts = new Map<string, VpcFact>();
  const add = (id: string | undefined, vpc?: string, more: Partial<VpcFact> = {}): void => {
    if (id !== undefined) facts.set(id, { ...(vpc && { vpc }), ...more });
  };
  // A thousand of each at most, AWS's page: a deployment has dozens.
  await Promise.all([
    client
      .send(new DescribeVpcsCommand({ Filters }))
      .then(({ Vpcs }) => Vpcs?.forEach((it) => add(it.VpcId, it.VpcId))),
    client
      .send(new DescribeSubnetsCommand({ Filters }))
      .then(({ Subnets }) => Subnets?.forEach((it) => add(it.SubnetId, it.VpcId))),
    client
      .send(new DescribeRouteTablesCommand({ Filters }))
      .then(({ RouteTables }) => RouteTables?.forEach((it) => add(it.RouteTableId, it.VpcId))),
    client
      .send(new DescribeInternetGatewaysCommand({ Filters }))
      .then((page) => page.InternetGateways?.forEach((it) => add(it.InternetGatewayId, it.Attachments?.[0]?.VpcId))),
    client
      .send(new DescribeAddressesCommand({ Filters }))
      .then(({ Addresses }) => Addresses?.forEach((it) => add(it.AllocationId))),
    client
      .send(new DescribeNatGatewaysCommand({ Filter: Filters }))
      .then((page) => page.NatGateways?.forEach((it) => GONE.has(it.State) || add(it.NatGatewayId, it.VpcId))),
    client
      .send(new DescribeVpcEndpointsCommand({ Filters }))
      .then((page) => page.VpcEndpoints?.forEach((it) => GONE.has(it.State) || add(it.VpcEndpointId, it.VpcId))),
    client
      .send(new DescribeSecurityGroupsCommand({ Filters }))
      .then((page) =>
        page.SecurityGroups?.forEach((it) =>
          add(it.GroupId, it.VpcId, it.GroupName === "default" ? { innate: true } : {}),
        ),
      ),
    client
      .send(new DescribeSecurityGroupRulesCommand({ Filters }))
      .then((page) =>
        page.SecurityGroupRules?.forEach((it) =>
          add(it.SecurityGroupRuleId, undefined, { ...(it.GroupId && { group: it.GroupId }) }),
        ),
      ),
  ]);
  return facts;
}
