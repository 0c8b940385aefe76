import { CloudWatchLogsClient, paginateDescribeLogGroups } from "@aws-sdk/client-cloudwatch-logs";
import { EC2Client, paginateDescribeNetworkInterfaces, paginateDescribeVpcs } from "@aws-sdk/client-ec2";
import { RDSClient, paginateDescribeDBClusterSnapshots, paginateDescribeDBSnapshots } from "@aws-sdk/client-rds";
import type { ClientConfig } from "./aws-clients";
import { taggedResources } from "./tagged-resources";

/**
 * What is left of a deployment: everything with its tag, and the things that AWS makes itself and does not tag: log
 * groups, network interfaces, snapshots. One line each, sorted; none means that a destroy was complete.
 */
export async function leftovers(deployment: string, clients: ClientConfig): Promise<string[]> {
  const found = await Promise.all([
    taggedResources(deployment, clients).then((all) => all.map(({ arn }) => arn)),
    logGroups(deployment, clients),
    networkInterfaces(deployment, clients),
    snapshots(deployment, clients),
  ]);
  return [...new Set(found.flat())].sort();
}

/** Whether a name is of this deployment: "/aws/lambda/fb-dev-scheduler" is of fb-dev, and not of fb-1-dev. */
export function belongsTo(deployment: string, name: string | undefined): boolean {
  return name !== undefined && new RegExp(`(^|[^a-z0-9-])${deployment}($|[^a-z0-9])`, "i").test(name);
}

async function logGroups(deployment: string, client: ClientConfig): Promise<string[]> {
  const found: string[] = [];
  for await (const page of paginateDescribeLogGroups({ client: new CloudWatchLogsClient(client) }, {})) {
    const groups = (page.logGroups ?? []).filter(({ logGroupName }) => belongsTo(deployment, logGroupName));
    found.push(...groups.map(({ logGroupName }) => `log group ${String(logGroupName)}`));
  }
  return found;
}

/** Those that name the deployment, and those whose VPC is gone: on AWS they would have kept the VPC from going. */
async function networkInterfaces(deployment: string, config: ClientConfig): Promise<string[]> {
  const client = new EC2Client(config);
  const vpcs = new Set<string | undefined>();
  for await (const page of paginateDescribeVpcs({ client }, {})) page.Vpcs?.forEach(({ VpcId }) => vpcs.add(VpcId));
  const found: string[] = [];
  for await (const page of paginateDescribeNetworkInterfaces({ client }, {})) {
    for (const { NetworkInterfaceId, Description, Groups = [], VpcId } of page.NetworkInterfaces ?? []) {
      const names = [Description, ...Groups.map(({ GroupName }) => GroupName)];
      if (names.some((name) => belongsTo(deployment, name)) || !vpcs.has(VpcId)) {
        found.push(`network interface ${String(NetworkInterfaceId)} (${Description ?? "no description"})`);
      }
    }
  }
  return found;
}

async function snapshots(deployment: string, config: ClientConfig): Promise<string[]> {
  const client = new RDSClient(config);
  const found: (string | undefined)[][] = [];
  for await (const page of paginateDescribeDBSnapshots({ client }, {})) {
    found.push(...(page.DBSnapshots ?? []).map((it) => [it.DBSnapshotIdentifier, it.DBInstanceIdentifier]));
  }
  for await (const page of paginateDescribeDBClusterSnapshots({ client }, {})) {
    found.push(
      ...(page.DBClusterSnapshots ?? []).map((it) => [it.DBClusterSnapshotIdentifier, it.DBClusterIdentifier]),
    );
  }
  return found
    .filter((names) => names.some((name) => belongsTo(deployment, name)))
    .map(([name]) => `snapshot ${String(name)}`);
}
