import { DescribeNetworkInterfacesCommand, DescribeVpcsCommand, EC2Client } from "@aws-sdk/client-ec2";
import type { ClientConfig } from "../support/aws-clients";

/**
 * What a deployment's network still has in it: what somebody made by hand there (a bastion, a restored database), and
 * interfaces of functions, which AWS takes away by itself within the hour.
 */
export async function inTheWay(deployment: string, config: ClientConfig): Promise<string[]> {
  const client = new EC2Client(config);
  const { Vpcs = [] } = await client.send(
    new DescribeVpcsCommand({ Filters: [{ Name: "tag:deployment", Values: [deployment] }] }),
  );
  const ids = Vpcs.map(({ VpcId }) => String(VpcId));
  if (ids.length === 0) return [];
  const { NetworkInterfaces = [] } = await client.send(
    new DescribeNetworkInterfacesCommand({ Filters: [{ Name: "vpc-id", Values: ids }] }),
  );
  const lines = NetworkInterfaces.map(
    (it) =>
      `- ${String(it.NetworkInterfaceId)} in ${String(it.SubnetId)}: ${it.Description || it.InterfaceType || "no description"}, ${String(it.Status)}`,
  );
  return lines.length === 0
    ? []
    : [`Its network (${ids.join(", ")}) still has these interfaces, whose owners have to go first:`, ...lines];
}
