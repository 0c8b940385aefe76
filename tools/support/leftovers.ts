import { CloudWatchLogsClient, paginateDescribeLogGroups } from "@aws-sdk/client-cloudwatch-logs";
import { EC2Client, paginateDescribeNetworkInterfaces, paginateDescribeVpcs } from "@aws-sdk/client-ec2";
import {
  ElastiCacheClient,
  paginateDescribeSnapshots,
  paginateDescribeUserGroups,
  paginateDescribeUsers,
} from "@aws-sdk/client-elasticache";
import { IAMClient, paginateListInstanceProfiles, paginateListRoles } from "@aws-sdk/client-iam";
import { RDSClient, paginateDescribeDBClusterSnapshots, paginateDescribeDBSnapshots } from "@aws-sdk/client-rds";
import { SSMClient, paginateDescribeParameters } from "@aws-sdk/client-ssm";
import type { ClientConfig } from "./aws-clients";
import { existing } from "./deleted-resources";
import { taggedResources } from "./tagged-resources";

/** Where one finds what has no tags, or is not listed by them: one line for each, "log group /aws/lambda/fb-dev-scheduler". */
type Search = (deployment: string, clients: ClientConfig) => Promise<string[]>;

/**
 * What is left of a deployment: everything with its tag, and the things that AWS makes itself and does not tag, or does not
 * list by their tags: log groups, network interfaces, snapshots, roles, ElastiCache's users, parameters. One line each,
 * sorted; none means that a destroy was complete.
 */
export async function leftovers(deployment: string, clients: ClientConfig): Promise<string[]> {
  const tagged = taggedResources(deployment, clients).then((all) => all.map(({ arn }) => arn));
  const found = await Promise.all([
    tagged.then((arns) => existing(deployment, arns, clients)),
    ...[logGroups, networkInterfaces, snapshots, cacheSnapshots, cacheUsers, roles, parameters].map((search) =>
      search(deployment, clients),
    ),
  ]);
  return [...new Set(found.flat())].sort();
}

/** Whether a name is of this deployment: "/aws/lambda/fb-dev-scheduler" is of fb-dev, and not of fb-1-dev. */
export function belongsTo(deployment: string, name: string | undefined): boolean {
  return name !== undefined && new RegExp(`(^|[^a-z0-9-])${deployment}($|[^a-z0-9])`, "i").test(name);
}

/** The log groups whose name is of a deployment. */
export async function logGroupsOf(deployment: string, clients: ClientConfig): Promise<string[]> {
  const client = new CloudWatchLogsClient(clients);
  const names = await all(paginateDescribeLogGroups({ client }, {}), ({ logGroups = [] }) =>
    logGroups.map(({ logGroupName }) => logGroupName),
  );
  return names.filter((name): name is string => belongsTo(deployment, name));
}

const logGroups: Search = async (deployment, clients) =>
  (await logGroupsOf(deployment, clients)).map((name) => `log group ${name}`);

/** Those that name the deployment, and those whose VPC is gone: on AWS they would have kept the VPC from going. */
const networkInterfaces: Search = async (deployment, clients) => {
  const client = new EC2Client(clients);
  const vpcs = new Set(await all(paginateDescribeVpcs({ client }, {}), ({ Vpcs = [] }) => Vpcs.map((it) => it.VpcId)));
  const interfaces = await all(
    paginateDescribeNetworkInterfaces({ client }, {}),
    ({ NetworkInterfaces = [] }) => NetworkInterfaces,
  );
  return interfaces
    .filter(({ Description, Groups = [], VpcId }) => {
      const names = [Description, ...Groups.map(({ GroupName }) => GroupName)];
      return names.some((name) => belongsTo(deployment, name)) || !vpcs.has(VpcId);
    })
    .map((it) => `network interface ${String(it.NetworkInterfaceId)} (${it.Description ?? "no description"})`);
};

/** By their own names, and by those of their databases. */
const snapshots: Search = async (deployment, clients) => {
  const client = new RDSClient(clients);
  const found = [
    ...(await all(paginateDescribeDBSnapshots({ client }, {}), ({ DBSnapshots = [] }) =>
      DBSnapshots.map((it) => [it.DBSnapshotIdentifier, it.DBInstanceIdentifier]),
    )),
    ...(await all(paginateDescribeDBClusterSnapshots({ client }, {}), ({ DBClusterSnapshots = [] }) =>
      DBClusterSnapshots.map((it) => [it.DBClusterSnapshotIdentifier, it.DBClusterIdentifier]),
    )),
  ];
  return found
    .filter((names) => names.some((name) => belongsTo(deployment, name)))
    .map(([name]) => `snapshot ${String(name)}`);
};

const cacheSnapshots: Search = async (deployment, clients) => {
  const client = new ElastiCacheClient(clients);
  const found = await all(paginateDescribeSnapshots({ client }, {}), ({ Snapshots = [] }) =>
    Snapshots.map((it) => [it.SnapshotName, it.ReplicationGroupId, it.CacheClusterId]),
  );
  return found
    .filter((names) => names.some((name) => belongsTo(deployment, name)))
    .map(([name]) => `cache snapshot ${String(name)}`);
};

const cacheUsers: Search = async (deployment, clients) => {
  const client = new ElastiCacheClient(clients);
  const users = await all(paginateDescribeUsers({ client }, {}), ({ Users = [] }) => Users.map((it) => it.UserId));
  const groups = await all(paginateDescribeUserGroups({ client }, {}), ({ UserGroups = [] }) =>
    UserGroups.map((it) => it.UserGroupId),
  );
  return [
    ...users.filter((id) => belongsTo(deployment, id)).map((id) => `cache user ${String(id)}`),
    ...groups.filter((id) => belongsTo(deployment, id)).map((id) => `cache user group ${String(id)}`),
  ];
};

/** AWS lists neither by their tags. */
const roles: Search = async (deployment, clients) => {
  const client = new IAMClient(clients);
  const names = await all(paginateListRoles({ client }, {}), (page) => page.Roles?.map((it) => it.RoleName) ?? []);
  const profiles = await all(
    paginateListInstanceProfiles({ client }, {}),
    (page) => page.InstanceProfiles?.map((it) => it.InstanceProfileName) ?? [],
  );
  return [
    ...names.filter((name) => belongsTo(deployment, name)).map((name) => `role ${String(name)}`),
    ...profiles.filter((name) => belongsTo(deployment, name)).map((name) => `instance profile ${String(name)}`),
  ];
};

const parameters: Search = async (deployment, clients) => {
  const client = new SSMClient(clients);
  const ParameterFilters = [{ Key: "Name", Option: "BeginsWith", Values: [`/${deployment}/`] }];
  const names = await all(paginateDescribeParameters({ client }, { ParameterFilters }), (page) =>
    (page.Parameters ?? []).map(({ Name }) => Name),
  );
  return names.map((name) => `parameter ${String(name)}`);
};

async function all<Page, Item>(pages: AsyncIterable<Page>, items: (page: Page) => readonly Item[]): Promise<Item[]> {
  const found: Item[] = [];
  for await (const page of pages) found.push(...items(page));
  return found;
}
