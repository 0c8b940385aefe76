import { DbSubnetGroup } from "@cdktf/provider-aws/lib/db-subnet-group";
import { Testing } from "cdktf";
import fc from "fast-check";
import { Network, type NetworkProps } from "../../modules/networking";
import { parseCidr, parseVpcCidr, subnetCidr } from "../../modules/networking/cidr";
import { inStack, parsed } from "../support/module";

const dev: NetworkProps = { cidr: "10.0.0.0/16", zones: 2, nat: "single" };
const network = (props: Partial<Record<keyof NetworkProps, unknown>> = {}) =>
  inStack((stack) => new Network(stack, "network", { ...dev, ...props } as NetworkProps));

const cidrs = (props?: Partial<NetworkProps>): Record<string, unknown> =>
  Object.fromEntries(Object.entries(network(props).all("aws_subnet")).map(([id, args]) => [id, args["cidr_block"]]));

/** The route table of a subnet, by the ids of both. */
function tableOf(made: ReturnType<typeof network>, subnet: string): string {
  const found = Object.values(made.all("aws_route_table_association")).filter(
    (association) => association["subnet_id"] === `\${aws_subnet.${subnet}.id}`,
  );
  expect(found).toHaveLength(1);
  return String(found[0]?.["route_table_id"]);
}

/** The routes of a subnet: their targets by destination. */
function routesOf(made: ReturnType<typeof network>, subnet: string): unknown[] {
  return Object.values(made.all("aws_route"))
    .filter((route) => route["route_table_id"] === tableOf(made, subnet))
    .map((route) => [route["destination_cidr_block"], route["gateway_id"] ?? route["nat_gateway_id"]]);
}

test("three tiers of /24 subnets come from one /16", () => {
  expect(cidrs()).toEqual({
    "network_public-a": "10.0.0.0/24",
    "network_public-b": "10.0.1.0/24",
    "network_private-a": "10.0.4.0/24",
    "network_private-b": "10.0.5.0/24",
    "network_isolated-a": "10.0.8.0/24",
    "network_isolated-b": "10.0.9.0/24",
  });
});

test("a third zone adds a subnet to each tier and moves none", () => {
  const three = cidrs({ zones: 3 });
  expect(three).toMatchObject(cidrs({ zones: 2 }));
  expect(Object.keys(three)).toHaveLength(9);
});

test("a smaller VPC has subnets of a sixteenth of it", () => {
  expect(cidrs({ cidr: "172.16.4.0/22" })).toMatchObject({
    "network_public-a": "172.16.4.0/26",
    "network_isolated-b": "172.16.6.64/26",
  });
});

test("subnets lie within their VPC and overlap with no other, whatever its block", () => {
  const places = [0, 1, 2, 3].flatMap((tier) => [0, 1, 2, 3].map((zone) => [tier, zone] as const));
  fc.assert(
    fc.property(fc.integer({ min: 16, max: 22 }), fc.nat(255), fc.nat(2 ** 16), (prefix, second, at) => {
      const size = 2 ** (32 - prefix);
      const address = 10 * 2 ** 24 + Math.floor((second * 2 ** 16 + at) / size) * size;
      const blocks = places.map(([tier, zone]) => parseCidr(subnetCidr({ address, prefix }, tier, zone)));
      let end = address;
      for (const block of blocks) {
        expect(block?.address).toBe(end);
        end += 2 ** (32 - (block?.prefix ?? 0));
      }
      expect(end).toBeLessThanOrEqual(address + size);
    }),
  );
});

test.each([
  ["10.0.0.0/15", "larger than AWS takes"],
  ["10.0.0.0/23", "too small for its subnets"],
  ["10.0.1.0/16", "not at its first address"],
  ["172.32.0.0/16", "public"],
  ["8.8.0.0/16", "public"],
  ["10.0.0.256/24", "no address"],
  ["010.0.0.0/16", "octal to some, and nothing to Terraform"],
  ["10.00.0.0/16", "octal to some, and nothing to Terraform"],
  ["10.0.0.0", "without a prefix"],
  ["ten", "no block"],
  [undefined, "missing"],
  [16, "a number"],
] as [unknown, string][])("%s is no block of a VPC: it is %s", (cidr, _reason) => {
  expect(parseVpcCidr(cidr)).toBeUndefined();
});

test("a wrong block, number of zones and kind of NAT are told at once, each with its fix", () => {
  const { errors } = network({ cidr: "8.8.0.0/16", zones: 4, nat: "some" });
  expect(errors).toEqual([
    expect.stringMatching(
      /^network: cidr: expected a private block from \/16 to \/22.*got "8.8.0.0\/16"\. Take one of/,
    ),
    expect.stringMatching(/^network: zones: expected 2 or 3, got 4\. /),
    expect.stringMatching(/^network: nat: expected none, instance, single, per-zone, got "some"\. Take single/),
  ]);
  expect(network({ cidr: undefined, zones: NaN, nat: null }).errors).toHaveLength(3);
});

test("a zone that AWS adds to the region replaces no subnet", () => {
  for (const subnet of Object.values(network().all("aws_subnet"))) {
    expect(subnet["lifecycle"]).toEqual({ ignore_changes: ["availability_zone"] });
  }
});

test("each zone's subnets lie in one availability zone, another than the next one's", () => {
  const zoneOf = (id: string): unknown => network({ zones: 3 }).all("aws_subnet")[id]?.["availability_zone"];
  expect(zoneOf("network_public-a")).toBe(zoneOf("network_isolated-a"));
  expect(new Set(["a", "b", "c"].map((zone) => zoneOf(`network_private-${zone}`))).size).toBe(3);
});

test("nothing gets a public address unless it asks for one", () => {
  for (const subnet of Object.values(network().all("aws_subnet"))) {
    expect(subnet["map_public_ip_on_launch"]).toBe(false);
  }
});

test("public subnets are routed to the internet, isolated ones nowhere", () => {
  const made = network();
  for (const zone of ["a", "b"]) {
    expect(routesOf(made, `network_public-${zone}`)).toEqual([
      ["0.0.0.0/0", "${aws_internet_gateway.network_internet.id}"],
    ]);
    expect(routesOf(made, `network_isolated-${zone}`)).toEqual([]);
  }
});

test("without NAT private subnets have no route out and nothing is paid for", () => {
  const made = network({ nat: "none" });
  expect(routesOf(made, "network_private-a")).toEqual([]);
  expect(made.all("aws_nat_gateway")).toEqual({});
  expect(made.all("aws_eip")).toEqual({});
});

test("a single NAT gateway serves all zones", () => {
  const made = network({ zones: 3, nat: "single" });
  expect(Object.keys(made.all("aws_nat_gateway"))).toEqual(["network_nat-a"]);
  for (const zone of ["a", "b", "c"]) {
    expect(routesOf(made, `network_private-${zone}`)).toEqual([["0.0.0.0/0", "${aws_nat_gateway.network_nat-a.id}"]]);
  }
});

test("a NAT gateway per zone serves its zone alone, from that zone", () => {
  const made = network({ zones: 3, nat: "per-zone" });
  expect(Object.keys(made.all("aws_eip"))).toHaveLength(3);
  for (const zone of ["a", "b", "c"]) {
    expect(routesOf(made, `network_private-${zone}`)).toEqual([
      ["0.0.0.0/0", `\${aws_nat_gateway.network_nat-${zone}.id}`],
    ]);
    expect(made.all("aws_nat_gateway")[`network_nat-${zone}`]?.["subnet_id"]).toBe(
      `\${aws_route_table_association.network_public-${zone}-association.subnet_id}`,
    );
  }
});

test("where tasks run in the public subnets, there are no private ones, no NAT, and each task has an address", () => {
  const made = inStack((stack) => {
    const { tasks, privateSubnetIds } = new Network(stack, "network", { ...dev, nat: "none", tasks: "public" });
    expect(privateSubnetIds).toEqual([]);
    expect(tasks.assignPublicIp).toBe(true);
    new DbSubnetGroup(stack, "used", { subnetIds: tasks.subnetIds });
  });
  expect(made.errors).toEqual([]);
  expect(made.only("aws_db_subnet_group")["subnet_ids"]).toEqual(
    ["a", "b"].map((zone) => `\${aws_route_table_association.network_public-${zone}-association.subnet_id}`),
  );
  expect(Object.keys(made.all("aws_subnet"))).not.toContainEqual(expect.stringContaining("private"));
  expect(cidrs({ nat: "none", tasks: "public" })).toMatchObject({ "network_isolated-a": "10.0.8.0/24" });
});

test("tasks elsewhere, or in public subnets beside a NAT that would serve nobody, are told with their fix", () => {
  expect(network({ tasks: "public" }).errors).toEqual([
    expect.stringMatching(
      /^network: tasks: expected private or public, the latter with nat: none, got "public, beside/,
    ),
  ]);
  expect(network({ nat: "none", tasks: "isolated" }).errors).toEqual([
    expect.stringMatching(/^network: tasks: .* got "isolated"/),
  ]);
});

test("who uses a subnet waits for its routes", () => {
  const made = inStack((stack) => {
    const { publicSubnetIds, privateSubnetIds, isolatedSubnetIds } = new Network(stack, "network", dev);
    const output = [...publicSubnetIds, ...privateSubnetIds, ...isolatedSubnetIds];
    new DbSubnetGroup(stack, "used", { subnetIds: output });
  });
  const association = (id: string): string => `network_${id}-association`;
  expect(made.only("aws_db_subnet_group")["subnet_ids"]).toEqual(
    ["public-a", "public-b", "private-a", "private-b", "isolated-a", "isolated-b"].map(
      (id) => `\${aws_route_table_association.${association(id)}.subnet_id}`,
    ),
  );
  const waits = (id: string): unknown => made.all("aws_route_table_association")[association(id)]?.["depends_on"];
  expect(waits("public-a")).toEqual(["aws_route.network_public-to-internet"]);
  expect(waits("private-b")).toContain("aws_route.network_private-b-to-nat");
});

test("S3 is reached from every subnet through the free gateway endpoint", () => {
  const made = network({ zones: 3 });
  const endpoint = made.only("aws_vpc_endpoint");
  expect(endpoint).toMatchObject({ vpc_endpoint_type: "Gateway", service_name: "com.amazonaws.eu-west-1.s3" });
  for (const id of Object.keys(made.all("aws_subnet"))) {
    expect(endpoint["route_table_ids"]).toContain(tableOf(made, id));
  }
});

test("the VPC's default security group lets nothing through, and what is added to it shows in the plan", () => {
  expect(network().only("aws_default_security_group")).toMatchObject({ ingress: [], egress: [] });
});

test("what has no name in AWS carries it as a tag, by deployment and path", () => {
  const made = network();
  expect(made.only("aws_vpc")["tags"]).toEqual({ Name: "fb-dev-network" });
  expect(made.all("aws_subnet")["network_private-b"]?.["tags"]).toEqual({ Name: "fb-dev-network-private-b" });
  for (const type of ["aws_internet_gateway", "aws_nat_gateway", "aws_eip", "aws_route_table", "aws_vpc_endpoint"]) {
    for (const args of Object.values(made.all(type))) {
      expect(args["tags"]).toEqual({ Name: expect.stringMatching(/^fb-dev-network/) as unknown });
    }
  }
});

test("names in the VPC are resolved, and its instances have names", () => {
  expect(network().only("aws_vpc")).toMatchObject({ enable_dns_support: true, enable_dns_hostnames: true });
});

test("flow logs are kept as long as asked for, by a role that may write to their log group alone", () => {
  const made = network({ flowLogs: { retentionDays: 90 } });
  expect(made.errors).toEqual([]);
  expect(made.only("aws_flow_log")).toMatchObject({
    traffic_type: "ALL",
    log_destination: "${aws_cloudwatch_log_group.network_flow-logs_logs.arn}",
    iam_role_arn: "${aws_iam_role.network_flow-logs_role.arn}",
  });
  expect(made.only("aws_cloudwatch_log_group")).toMatchObject({
    name: "fb-dev-network-flow-logs",
    retention_in_days: 90,
  });
  expect(parsed(made.only("aws_iam_role_policy"), "policy")).toMatchObject({
    Statement: [
      {
        Action: ["logs:CreateLogStream", "logs:DescribeLogStreams", "logs:PutLogEvents"],
        Resource: ["${aws_cloudwatch_log_group.network_flow-logs_logs.arn}:*"],
      },
    ],
  });
});

test("there are no flow logs unless asked for, and none with a retention that CloudWatch does not take", () => {
  expect(network().all("aws_flow_log")).toEqual({});
  expect(network({ flowLogs: { retentionDays: 8 } }).errors).toEqual([
    expect.stringMatching(/^network\/flow-logs: retentionDays: expected one of 1, 3, 5, 7, 14, .* got 8\./),
  ]);
});

test("a network works in a bare synthScope", () => {
  const json = Testing.synthScope((scope) => new Network(scope, "network", dev));
  expect(json).toContain("aws_vpc_endpoint");
});
