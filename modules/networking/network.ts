import { DataAwsAvailabilityZones } from "@cdktf/provider-aws/lib/data-aws-availability-zones";
import { DefaultSecurityGroup } from "@cdktf/provider-aws/lib/default-security-group";
import { Eip } from "@cdktf/provider-aws/lib/eip";
import { InternetGateway } from "@cdktf/provider-aws/lib/internet-gateway";
import { NatGateway } from "@cdktf/provider-aws/lib/nat-gateway";
import { Route } from "@cdktf/provider-aws/lib/route";
import { RouteTable } from "@cdktf/provider-aws/lib/route-table";
import { RouteTableAssociation } from "@cdktf/provider-aws/lib/route-table-association";
import { Subnet } from "@cdktf/provider-aws/lib/subnet";
import { Vpc } from "@cdktf/provider-aws/lib/vpc";
import { VpcEndpoint } from "@cdktf/provider-aws/lib/vpc-endpoint";
import { Token, propertyAccess } from "cdktf";
import { Construct } from "constructs";
import { check } from "../checks";
import { PRIMARY, pathOf, physicalName } from "../naming";
import { regionOf } from "../naming/arn";
import { type Cidr, parseVpcCidr, subnetCidr } from "./cidr";
import { FlowLogs } from "./flow-logs";

export interface NetworkProps {
  /** A private block from /16 to /22: "10.0.0.0/16". Subnets are /24, and a sixteenth of the VPC below /20. */
  readonly cidr: string;
  /** Availability zones, 2 or 3: each tier has a subnet in each. */
  readonly zones: number;
  /**
   * How the private subnets reach the internet: not at all, through one NAT gateway, or through one in each zone, which
   * keeps the others going when a zone fails. A gateway costs about $33 a month and $0.045 per GB.
   */
  readonly nat: "none" | "single" | "per-zone";
  /** Records all traffic, in CloudWatch Logs. @default none */
  readonly flowLogs?: { readonly retentionDays: number };
}

/** The order is the place in the VPC's block (`subnetCidr`): add a tier at the end only. */
const TIERS = ["public", "private", "isolated"] as const;
type Tier = (typeof TIERS)[number];

const ZONES = ["a", "b", "c"];
const NATS = ["none", "single", "per-zone"];

/**
 * A VPC with public, private and isolated subnets in each zone: nothing in it has a public address unless it asks for
 * one, the isolated subnets have no way out, S3 is reached without NAT, and the default security group lets nothing through.
 */
export class Network extends Construct {
  readonly vpcId: string;
  readonly cidr: string;
  /** For load balancers; a route to and from the internet. */
  readonly publicSubnetIds: string[];
  /** For tasks and functions; out through NAT, if there is one. */
  readonly privateSubnetIds: string[];
  /** For stores; no route out. */
  readonly isolatedSubnetIds: string[];
  /** The availability zones of the isolated subnets, in their order. */
  readonly isolatedZones: string[];
  private readonly zones: string[];

  constructor(scope: Construct, id: string, props: NetworkProps) {
    super(scope, id);
    const block = this.checked(props);
    this.cidr = props.cidr;
    this.zones = ZONES.slice(0, props.zones === 3 ? 3 : 2);
    const vpc = new Vpc(this, PRIMARY, {
      cidrBlock: this.cidr,
      enableDnsSupport: true,
      enableDnsHostnames: true,
      tags: this.named(),
    });
    this.vpcId = vpc.id;
    // Empty lists, not absent ones: what somebody adds later then shows in the plan.
    new DefaultSecurityGroup(this, "default", { vpcId: vpc.id, ingress: [], egress: [], tags: this.named("default") });

    const subnets = this.subnets(block);
    const open = this.table("public");
    this.publicSubnetIds = this.associate("public", subnets.public, () => open, [this.toInternet(open)]);
    const closed = this.table("isolated");
    this.isolatedSubnetIds = this.associate("isolated", subnets.isolated, () => closed);
    this.isolatedZones = subnets.isolated.map((subnet) => subnet.availabilityZone);
    const own = this.zones.map((zone) => this.table(`private-${zone}`));
    const routes = this.toNat(props.nat, own);
    this.privateSubnetIds = this.associate("private", subnets.private, (index) => own[index] ?? closed, routes);

    this.s3([open, ...own, closed]);
    if (props.flowLogs) new FlowLogs(this, "flow-logs", { vpcId: vpc.id, ...props.flowLogs });
  }

  private checked({ cidr, zones, nat }: NetworkProps): Cidr {
    const what = pathOf(this).join("/");
    const block = parseVpcCidr(cidr);
    check(this, block !== undefined, {
      what: `${what}: cidr`,
      got: cidr,
      expected: "a private block from /16 to /22 that begins at its first address",
      fix: "Take one of 10.0.0.0/8, 172.16.0.0/12 or 192.168.0.0/16: 10.0.0.0/16.",
    });
    check(this, zones === 2 || zones === 3, {
      what: `${what}: zones`,
      got: zones,
      expected: "2 or 3",
      fix: "A load balancer and Multi-AZ need two; not every region has more than three.",
    });
    check(this, NATS.includes(nat), {
      what: `${what}: nat`,
      got: nat,
      expected: NATS.join(", "),
      fix: "Take single (about $33 a month), or none if nothing private calls out.",
    });
    return block ?? { address: 0, prefix: 16 };
  }

  private subnets(block: Cidr): Record<Tier, Subnet[]> {
    // Local and wavelength zones have to be opted into, and hold no databases.
    const available = new DataAwsAvailabilityZones(this, "zones", {
      state: "available",
      filter: [{ name: "opt-in-status", values: ["opt-in-not-required"] }],
    });
    const of = (tier: Tier): Subnet[] =>
      this.zones.map(
        (zone, index) =>
          new Subnet(this, `${tier}-${zone}`, {
            vpcId: this.vpcId,
            cidrBlock: subnetCidr(block, TIERS.indexOf(tier), index),
            availabilityZone: Token.asString(propertyAccess(available.names, [index])),
            mapPublicIpOnLaunch: false,
            tags: this.named(`${tier}-${zone}`),
            // A zone that AWS adds to the region can move the others in the list: that must not replace a subnet.
            lifecycle: { ignoreChanges: ["availability_zone"] },
          }),
      );
    return { public: of("public"), private: of("private"), isolated: of("isolated") };
  }

  private table(id: string): RouteTable {
    return new RouteTable(this, `${id}-routes`, { vpcId: this.vpcId, tags: this.named(id) });
  }

  /**
   * Gives each subnet its routes. Returns the subnets' ids as the associations have them: who uses one thereby waits for
   * its routes (AWS refuses a public load balancer before there is an internet gateway; a task could not pull its image).
   */
  private associate(
    tier: Tier,
    subnets: Subnet[],
    table: (index: number) => RouteTable,
    routes: Route[] = [],
  ): string[] {
    return this.zones.map((zone, index) => {
      const association = new RouteTableAssociation(this, `${tier}-${zone}-association`, {
        subnetId: subnets[index]?.id ?? "",
        routeTableId: table(index).id,
        ...(routes.length > 0 && { dependsOn: routes }),
      });
      return association.subnetId;
    });
  }

  private toInternet(table: RouteTable): Route {
    const gateway = new InternetGateway(this, "internet", { vpcId: this.vpcId, tags: this.named() });
    return new Route(this, "public-to-internet", {
      routeTableId: table.id,
      destinationCidrBlock: "0.0.0.0/0",
      gatewayId: gateway.id,
    });
  }

  private toNat(nat: NetworkProps["nat"], tables: RouteTable[]): Route[] {
    if (nat === "none") return [];
    const gateways = this.zones.slice(0, nat === "single" ? 1 : undefined).map((zone, index) => {
      const address = new Eip(this, `nat-${zone}-address`, { domain: "vpc", tags: this.named(`nat-${zone}`) });
      return new NatGateway(this, `nat-${zone}`, {
        allocationId: address.allocationId,
        subnetId: this.publicSubnetIds[index] ?? "",
        tags: this.named(`nat-${zone}`),
      });
    });
    return tables.map(
      (table, index) =>
        new Route(this, `private-${this.zones[index] ?? ""}-to-nat`, {
          routeTableId: table.id,
          destinationCidrBlock: "0.0.0.0/0",
          natGatewayId: (gateways[index] ?? gateways[0])?.id,
        }),
    );
  }

  /** Free, and saves NAT's charge per GB: the layers of ECR's images come from S3. */
  private s3(tables: RouteTable[]): void {
    new VpcEndpoint(this, "s3", {
      vpcId: this.vpcId,
      serviceName: `com.amazonaws.${regionOf(this)}.s3`,
      vpcEndpointType: "Gateway",
      routeTableIds: tables.map((table) => table.id),
      tags: this.named("s3"),
    });
  }

  private named(suffix?: string): { Name: string } {
    return { Name: physicalName(this, { max: 255, suffix }) };
  }
}
