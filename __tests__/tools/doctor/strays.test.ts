import { ruleFinding } from "../../../tools/doctor/foreign-rules";
import { removal, removalRank } from "../../../tools/doctor/removal";
import type { RecordedResource } from "../../../tools/support/recorded-state";
import { type StrayQuestion, findStrays } from "../../../tools/doctor/strays";
import { shellText } from "../../../tools/support/shell";
import type { SynthesizedResource } from "../../../tools/support/synthesized-resources";

const EC2 = "arn:aws:ec2:eu-west-1:111111111111";

function inCode(address: string, args: Readonly<Record<string, unknown>>): SynthesizedResource {
  return { address, type: address.replace(/\..*/, ""), path: [], arguments: args };
}

function inState(address: string, attributes: Readonly<Record<string, unknown>>): RecordedResource {
  return { address, type: address.replace(/\..*/, ""), tainted: false, deposed: false, attributes };
}

const code = [
  inCode("aws_vpc.network", { tags: { Name: "fb-dev-network" } }),
  inCode("aws_subnet.network_public-a", { tags: { Name: "fb-dev-network-public-a" }, vpc_id: "${aws_vpc.network.id}" }),
  inCode("aws_security_group.api", { name: "fb-dev-api-1", tags: { Name: "fb-dev-api" } }),
  inCode("aws_vpc_security_group_egress_rule.api_out", {
    tags: { Name: "fb-dev-api-out" },
    security_group_id: "${aws_security_group.api.id}",
  }),
  inCode("aws_ecs_cluster.cluster", { name: "fb-dev-cluster" }),
  inCode("aws_ecs_service.api", { name: "fb-dev-api" }),
  inCode("aws_appautoscaling_target.api_scaling", {
    tags: { Name: "fb-dev-api-scaling" },
    service_namespace: "ecs",
    scalable_dimension: "ecs:service:DesiredCount",
    resource_id: "service/${aws_ecs_cluster.cluster.name}/${aws_ecs_service.api.name}",
  }),
];

const vpc = { arn: `${EC2}:vpc/vpc-1`, name: "fb-dev-network" };
const subnet = { arn: `${EC2}:subnet/subnet-1`, name: "fb-dev-network-public-a" };
const facts = new Map([
  ["vpc-1", { vpc: "vpc-1" }],
  ["subnet-1", { vpc: "vpc-1" }],
]);

const strays = (question: Partial<StrayQuestion>) => findStrays({ code, recorded: [], tagged: [], facts, ...question });
const imports = (question: Partial<StrayQuestion>) => strays(question).imports.map(({ address, id }) => [address, id]);

test("what the state has not is imported, a network before what stands in it", () => {
  expect(imports({ tagged: [subnet, vpc] })).toEqual([
    ["aws_vpc.network", "vpc-1"],
    ["aws_subnet.network_public-a", "subnet-1"],
  ]);
});

test("what the state has is none, by its ARN or its id", () => {
  const recorded = [
    inState("aws_vpc.network", { id: "vpc-1", arn: vpc.arn }),
    inState("aws_subnet.network_public-a", { id: "subnet-1" }),
  ];
  expect(strays({ tagged: [subnet, vpc], recorded })).toEqual({ imports: [], twins: [], unplaced: [] });
});

test("a tainted one, of which the state has little more than the name, is none", () => {
  const cluster = { arn: "arn:aws:ecs:eu-west-1:111111111111:cluster/fb-dev-cluster" };
  const recorded = [
    { ...inState("aws_ecs_cluster.cluster", { id: "?", arn: null, name: "fb-dev-cluster" }), tainted: true },
  ];
  expect(strays({ tagged: [cluster], recorded })).toEqual({ imports: [], twins: [], unplaced: [] });
});

test("a rule that AWS made in a new group is told with whom it lets out, and revoked", () => {
  const rule = {
    GroupId: "sg-1",
    SecurityGroupRuleId: "sgr-1",
    IsEgress: true,
    IpProtocol: "-1",
    CidrIpv4: "0.0.0.0/0",
  };
  const { text, commands } = ruleFinding(rule);
  expect(text).toContain("sg-1 lets out to 0.0.0.0/0 on every port");
  expect(commands).toEqual([
    [
      ...["aws", "ec2", "revoke-security-group-egress"],
      ...["--group-id", "sg-1", "--security-group-rule-ids", "sgr-1"],
    ],
  ]);
});

test("what was made to replace another, and not recorded, is a twin of it", () => {
  const cluster = { arn: "arn:aws:ecs:eu-west-1:111111111111:cluster/fb-dev-cluster" };
  const recorded = [inState("aws_ecs_cluster.cluster", { id: "old", name: "fb-dev-old-cluster" })];
  expect(strays({ tagged: [cluster], recorded }).twins).toMatchObject([{ id: "fb-dev-cluster" }]);
});

test("a second VPC, and what stands in it, are twins", () => {
  const recorded = [inState("aws_vpc.network", { id: "vpc-2" })];
  expect(strays({ tagged: [subnet, vpc], recorded }).twins).toEqual([
    { type: "aws_vpc", arn: vpc.arn, id: "vpc-1", vpc: "vpc-1", address: "aws_vpc.network" },
    { type: "aws_subnet", arn: subnet.arn, id: "subnet-1", vpc: "vpc-1", address: "aws_subnet.network_public-a" },
  ]);
});

test("of two VPCs that nobody recorded, the one that more stands in is kept", () => {
  const empty = { arn: `${EC2}:vpc/vpc-0`, name: "fb-dev-network" };
  const both = new Map([...facts, ["vpc-0", { vpc: "vpc-0" }]]);
  const { imports, twins } = strays({ tagged: [empty, vpc, subnet], facts: both });
  expect(imports.map(({ id }) => id)).toEqual(["vpc-1", "subnet-1"]);
  expect(twins.map(({ id }) => id)).toEqual(["vpc-0"]);
});

test("a rule belongs to its group: that of a twin is a twin, and gone before any group that it may name", () => {
  const rule = { arn: `${EC2}:security-group-rule/sgr-1`, name: "fb-dev-api-out" };
  const recorded = [inState("aws_security_group.api", { id: "sg-1" })];
  const of = (group: string) => new Map([["sgr-1", { group }]]);
  expect(imports({ tagged: [rule], recorded, facts: of("sg-1") })).toEqual([
    ["aws_vpc_security_group_egress_rule.api_out", "sgr-1"],
  ]);
  const { imports: none, twins } = strays({ tagged: [rule], recorded, facts: of("sg-2") });
  expect(none).toEqual([]);
  expect(twins.map((twin) => removal(twin).map(shellText))).toEqual([
    ["aws ec2 revoke-security-group-egress --group-id sg-2 --security-group-rule-ids sgr-1"],
  ]);
  const order = ["aws_security_group", "aws_vpc_security_group_ingress_rule", "aws_network_interface", "aws_instance"];
  expect([...order].sort((a, b) => removalRank(a) - removalRank(b))).toEqual([...order].reverse());
});

test("what EC2 does not know any more is gone, whatever the tagging API still lists", () => {
  expect(strays({ tagged: [vpc, subnet], facts: new Map() })).toEqual({ imports: [], twins: [], unplaced: [] });
});

test("an id that is put together takes its parts from the code", () => {
  const service = { arn: "arn:aws:ecs:eu-west-1:111111111111:service/fb-dev-cluster/fb-dev-api" };
  const target = {
    arn: "arn:aws:application-autoscaling:eu-west-1:111111111111:scalable-target/1",
    name: "fb-dev-api-scaling",
  };
  expect(imports({ tagged: [service, target] })).toEqual([
    ["aws_ecs_service.api", "fb-dev-cluster/fb-dev-api"],
    ["aws_appautoscaling_target.api_scaling", "ecs/service/fb-dev-cluster/fb-dev-api/ecs:service:DesiredCount"],
  ]);
});

test("what the code does not have, or is of an unknown type, is only shown", () => {
  const renamed = { arn: "arn:aws:sqs:eu-west-1:111111111111:fb-dev-old" };
  const unknown = { arn: "arn:aws:quantum:eu-west-1:111111111111:qubit/1" };
  expect(strays({ tagged: [renamed, unknown] }).unplaced).toEqual([renamed, unknown]);
});
