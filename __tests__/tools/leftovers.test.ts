import { belongsTo, leftovers } from "../../tools/support/leftovers";
import { type RunningAwsApi, startAwsApi } from "../support/aws-api";

test.each([
  "fb-dev",
  "/aws/lambda/fb-dev-scheduler",
  "/fb-dev/api",
  "rds:fb-dev-database-2026-11-21",
  "ELB app/fb-dev-api/50dc",
])("%s is of fb-dev", (name) => {
  expect(belongsTo("fb-dev", name)).toBe(true);
});

test.each(["fb-1-dev-api", "/aws/lambda/xfb-dev-a", "fb-development", "wo-fb-dev", "", undefined])(
  "%s is of another one",
  (name) => {
    expect(belongsTo("fb-dev", name)).toBe(false);
  },
);

describe("what is left of a deployment", () => {
  type Item = Record<string, string>;
  const group = (name: string): string => `<item><groupName>${name}</groupName></item>`;
  /** What an account has, kind by kind: gu-1-dev's, and others'. */
  const EVERYTHING = {
    tagged: ["arn:aws:sqs:eu-west-1:111111111111:gu-1-dev-flows"],
    logGroups: ["/aws/lambda/gu-1-dev-x", "/aws/lambda/gu-dev-x", "/ecs/gu-1-dev-api", "/aws/lambda/xgu-1-dev-x"],
    vpcs: [{ vpcId: "vpc-1" }, { vpcId: "vpc-2" }],
    interfaces: [
      {
        networkInterfaceId: "eni-1",
        vpcId: "vpc-1",
        description: "AWS Lambda VPC ENI-x",
        groupSet: group("gu-1-dev-x-access"),
      },
      { networkInterfaceId: "eni-2", vpcId: "vpc-1", description: "ELB app/gu-1-dev-load-balancer/50dc" },
      { networkInterfaceId: "eni-3", vpcId: "vpc-gone" },
      {
        networkInterfaceId: "eni-4",
        vpcId: "vpc-2",
        description: "ELB app/gu-dev-load-balancer/50dc",
        groupSet: group("gu-dev-x-access"),
      },
    ] as Item[],
    databaseSnapshots: [
      { DBSnapshotIdentifier: "rds:gu-1-dev-database-2026-11-21", DBInstanceIdentifier: "gu-1-dev-database" },
      { DBSnapshotIdentifier: "before-the-migration", DBInstanceIdentifier: "gu-1-dev-database" },
      { DBSnapshotIdentifier: "before-the-release", DBInstanceIdentifier: "gu-dev-database" },
    ],
    clusterSnapshots: [
      { DBClusterSnapshotIdentifier: "of-a-cluster", DBClusterIdentifier: "gu-1-dev-database" },
      { DBClusterSnapshotIdentifier: "of-another", DBClusterIdentifier: "gu-dev-database" },
    ],
    cacheSnapshots: [
      { SnapshotName: "of-a-cache", ReplicationGroupId: "gu-1-dev-cache" },
      { SnapshotName: "automatic.gu-dev-cache", CacheClusterId: "gu-dev-cache-001" },
    ] as Item[],
    cacheUsers: [{ UserId: "gu-1-dev-cache-user" }, { UserId: "default" }],
    cacheUserGroups: [{ UserGroupId: "gu-1-dev-cache-users" }, { UserGroupId: "gu-dev-cache-users" }],
    roles: [{ RoleName: "gu-1-dev-api" }, { RoleName: "AWSServiceRoleForECS" }],
    profiles: [{ InstanceProfileName: "gu-1-dev-nat" }, { InstanceProfileName: "gu-dev-nat" }],
    parameters: ["/gu-1-dev/api/image", "/gu-dev/api/image"],
  };
  let account = EVERYTHING;
  let aws: RunningAwsApi;

  /** "<DBSnapshots><DBSnapshot>…": a list, as the services that speak XML answer it. */
  const list = (name: string, item: string, items: readonly Item[]): string => {
    const texts = items.map((it) => Object.entries(it).map(([key, value]) => `<${key}>${value}</${key}>`));
    return `<${name}>${texts.map((text) => `<${item}>${text.join("")}</${item}>`).join("")}</${name}>`;
  };
  const result = (action: string, ...parts: Parameters<typeof list>): string =>
    `<${action}Result>${list(...parts)}</${action}Result>`;

  beforeAll(async () => {
    aws = await startAwsApi({
      "ResourceGroupsTaggingAPI_20170126.GetResources": () => ({
        ResourceTagMappingList: account.tagged.map((ResourceARN) => ({ ResourceARN })),
      }),
      // A page each.
      "Logs_20140328.DescribeLogGroups": ({ nextToken = 0 }) => {
        const [next, name] = [Number(nextToken) + 1, account.logGroups[Number(nextToken)]];
        return {
          logGroups: name === undefined ? [] : [{ logGroupName: name }],
          ...(next < account.logGroups.length && { nextToken: String(next) }),
        };
      },
      "AmazonSSM.DescribeParameters": ({ ParameterFilters }) => {
        const [{ Values }] = ParameterFilters as [{ Values: [string] }];
        return {
          Parameters: account.parameters.filter((it) => it.startsWith(Values[0])).map((Name) => ({ Name })),
        };
      },
      DescribeVpcs: () => list("vpcSet", "item", account.vpcs),
      DescribeNetworkInterfaces: () => list("networkInterfaceSet", "item", account.interfaces),
      DescribeDBSnapshots: () => result("DescribeDBSnapshots", "DBSnapshots", "DBSnapshot", account.databaseSnapshots),
      DescribeDBClusterSnapshots: () =>
        result("DescribeDBClusterSnapshots", "DBClusterSnapshots", "DBClusterSnapshot", account.clusterSnapshots),
      DescribeSnapshots: () => result("DescribeSnapshots", "Snapshots", "Snapshot", account.cacheSnapshots),
      DescribeUsers: () => result("DescribeUsers", "Users", "member", account.cacheUsers),
      DescribeUserGroups: () => result("DescribeUserGroups", "UserGroups", "member", account.cacheUserGroups),
      ListRoles: () => result("ListRoles", "Roles", "member", account.roles),
      ListInstanceProfiles: () => result("ListInstanceProfiles", "InstanceProfiles", "member", account.profiles),
    });
  });
  afterAll(() => aws.stop());

  test("is found where AWS lists no tags too, each by its own service, and nobody else's is", async () => {
    expect(await leftovers("gu-1-dev", aws.clients)).toEqual([
      "arn:aws:sqs:eu-west-1:111111111111:gu-1-dev-flows",
      "cache snapshot of-a-cache",
      "cache user group gu-1-dev-cache-users",
      "cache user gu-1-dev-cache-user",
      "instance profile gu-1-dev-nat",
      "log group /aws/lambda/gu-1-dev-x",
      "log group /ecs/gu-1-dev-api",
      "network interface eni-1 (AWS Lambda VPC ENI-x)",
      "network interface eni-2 (ELB app/gu-1-dev-load-balancer/50dc)",
      "network interface eni-3 (no description)",
      "parameter /gu-1-dev/api/image",
      "role gu-1-dev-api",
      "snapshot before-the-migration",
      "snapshot of-a-cluster",
      "snapshot rds:gu-1-dev-database-2026-11-21",
    ]);
  });

  test("is nothing where all is others'", async () => {
    const of = (id: string) => EVERYTHING.interfaces.filter((it) => it["networkInterfaceId"] === id);
    account = { ...EVERYTHING, tagged: [], interfaces: of("eni-4") };
    expect(await leftovers("gu-2-dev", aws.clients)).toEqual([]);
  });
});
