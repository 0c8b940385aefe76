import { demolish, nothingLeft } from "../../../tools/destroy/demolition";
import { inTheWay } from "../../../tools/destroy/in-the-way";
import { deleteRemains, isKept } from "../../../tools/destroy/remains";
import { targetOf } from "../../../tools/destroy/target";
import type { ClientConfig } from "../../../tools/support/aws-clients";
import { told } from "../../../tools/support/failure";
import { type RunningAwsApi, startAwsApi } from "../../support/aws-api";

let aws: RunningAwsApi;
let asked: [operation: string, input: unknown][];
let logGroups: string[];
let secrets: object[];
let interfaces: string;

beforeAll(async () => {
  const noted = (name: string, answer: unknown) => (input: Record<string, unknown>) => {
    asked.push([name, input]);
    return answer;
  };
  aws = await startAwsApi({
    "Logs_20140328.DescribeLogGroups": () => ({ logGroups: logGroups.map((logGroupName) => ({ logGroupName })) }),
    "Logs_20140328.DeleteLogGroup": noted("DeleteLogGroup", {}),
    "secretsmanager.ListSecrets": () => ({ SecretList: secrets }),
    "secretsmanager.DeleteSecret": noted("DeleteSecret", {}),
    DescribeVpcs: (input) =>
      input["Filter.1.Name"] === "tag:deployment" && input["Filter.1.Value.1"] === "gu-1-dev"
        ? "<vpcSet><item><vpcId>vpc-1</vpcId></item></vpcSet>"
        : "<vpcSet></vpcSet>",
    DescribeNetworkInterfaces: (input) => {
      asked.push(["DescribeNetworkInterfaces", input["Filter.1.Value.1"]]);
      return `<networkInterfaceSet>${interfaces}</networkInterfaceSet>`;
    },
  });
});
afterAll(() => aws.stop());
beforeEach(() => {
  asked = [];
  logGroups = [];
  secrets = [];
  interfaces = "";
});

describe("what AWS made itself", () => {
  test("is deleted: log groups that it wrote once more, and secrets that wait and keep their names", async () => {
    logGroups = ["/aws/lambda/gu-1-dev-x", "/aws/ecs/containerinsights/gu-1-dev-cluster/performance"];
    secrets = [{ ARN: "arn:1", Name: "gu-1-dev-database-url", DeletedDate: 1 }];
    expect(await deleteRemains("gu-1-dev", aws.clients)).toBe("2 log groups, 1 secret");
    expect(asked).toEqual([
      ...logGroups.map((logGroupName) => ["DeleteLogGroup", { logGroupName }]),
      ["DeleteSecret", { SecretId: "arn:1", ForceDeleteWithoutRecovery: true }],
    ]);
  });

  test("is not what another deployment has, what somebody named, or a secret that is in use", async () => {
    logGroups = ["/aws/lambda/gu-dev-x", "/aws/lambda/gu-11-dev-x", "/somebody/gu-1-dev", "gu-1-dev"];
    secrets = [
      { ARN: "arn:1", Name: "gu-1-dev-database-url" },
      { ARN: "arn:2", Name: "gu-1-development", DeletedDate: 1 },
    ];
    expect(await deleteRemains("gu-1-dev", aws.clients)).toBe("");
    expect(asked).toEqual([]);
  });
});

test.each([
  ["snapshot before-the-migration", true],
  ["cache snapshot of-a-cache", true],
  ["arn:aws:rds:eu-west-1:111111111111:snapshot:before-the-migration", true],
  ["arn:aws:rds:eu-west-1:111111111111:cluster-snapshot:of-a-cluster", true],
  ["arn:aws:rds:eu-west-1:111111111111:db:gu-1-dev-snapshots", false],
  ["log group /aws/lambda/gu-1-dev-snapshot", false],
  ["network interface eni-1 (snapshot )", false],
  ["role gu-1-dev-api", false],
])("of what is left, %s is somebody's backup: %p", (line, expected) => {
  expect(isKept(line)).toBe(expected);
});

describe("what stands in the way of its network", () => {
  const item = (id: string, description: string): string =>
    `<item><networkInterfaceId>${id}</networkInterfaceId><subnetId>subnet-1</subnetId><status>in-use</status>${description}<interfaceType>lambda</interfaceType></item>`;

  test("is told, each interface with what AWS says of it", async () => {
    interfaces = item("eni-1", "<description>somebody's bastion</description>") + item("eni-2", "<description/>");
    expect(await inTheWay("gu-1-dev", aws.clients)).toEqual([
      "Its network (vpc-1) still has these interfaces, whose owners have to go first:",
      "- eni-1 in subnet-1: somebody's bastion, in-use",
      "- eni-2 in subnet-1: lambda, in-use",
    ]);
    expect(asked).toEqual([["DescribeNetworkInterfaces", "vpc-1"]]);
  });

  test("is nothing where the network is empty, or gone; then no other network is looked at", async () => {
    expect(await inTheWay("gu-1-dev", aws.clients)).toEqual([]);
    interfaces = item("eni-9", "");
    expect(await inTheWay("gu-2-dev", aws.clients)).toEqual([]);
  });
});

let left: string[];
let stateRemoved: boolean;
jest.mock("../../../tools/support/leftovers", () => ({
  ...jest.requireActual<object>("../../../tools/support/leftovers"),
  leftovers: () => Promise.resolve(left),
}));
jest.mock("../../../tools/support/release-lock", () => ({
  withReleaseLock: (_: object, __: string, ___: ClientConfig, body: (lock: object) => Promise<void>) =>
    body({ check: () => undefined }),
}));
jest.mock("../../../tools/support/task-definitions", () => ({ deleteTaskDefinitions: () => Promise.resolve(0) }));
jest.mock("../../../tools/destroy/state-removal", () => ({
  readState: () => Promise.resolve(undefined),
  removeState: () => Promise.resolve((stateRemoved = true)),
}));
jest.mock("../../../tools/destroy/standing", () => ({ standing: () => Promise.resolve("How it stands.") }));

describe("a destroy", () => {
  const target = targetOf("flow-builder", "dev", "gu-1-dev");
  const again = "npm run destroy -- dev";
  const demolished = () => demolish({ target, clients: aws.clients, env: {}, log: "destroy.log", again });

  beforeEach(() => {
    stateRemoved = false;
    jest.spyOn(console, "log").mockImplementation();
  });
  afterEach(() => jest.restoreAllMocks());

  test("keeps somebody's backups, and tells them", async () => {
    logGroups = ["/aws/lambda/gu-1-dev-x"];
    left = ["snapshot before-the-migration"];
    const kept = await demolished();
    expect([kept, stateRemoved]).toEqual([left, true]);
    expect(asked.map(([operation]) => operation)).toEqual(["DeleteLogGroup"]);
    expect(nothingLeft("gu-1-dev", kept)).toEqual([
      "Nothing of gu-1-dev is left: nothing with its tag, no roles, log groups, network interfaces or parameters, no state.",
      "Somebody's backups stay, and cost what they cost:",
      "- snapshot before-the-migration",
    ]);
    expect(nothingLeft("gu-1-dev", [])).toHaveLength(1);
  });

  test("has failed while anything else is left: that is told, and the state stays", async () => {
    left = ["role gu-1-dev-api", "snapshot before-the-migration"];
    const failure = await demolished().catch((error: unknown) => error);
    expect(told(failure as Error)).toMatch(
      /^Of gu-1-dev this is left:\n- role gu-1-dev-api\n\nHow it stands\.\n[^]*Next: npm run destroy -- dev$/,
    );
    expect(stateRemoved).toBe(false);
  });
});
