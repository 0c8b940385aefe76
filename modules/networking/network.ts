import { DataAwsAvailabilityZones } from "@cdktf/provider-aws/lib/data-aws-availability-zones";
import { DefaultSecurityGroup } from "@cdktf/provider-aws/lib/default-security-group";
import { InternetGateway } from "@cdktf/provider-aws/lib/internet-gateway";
import { Route } from "@cdktf/provider-aws/lib/route";
import { RouteTable } from "@cdktf/provider-aws/lib/route-table";
import { RouteTableAssociation } from "@cdktf/provider-aws/lib/route-table-association";
import { Subnet } from "@cdktf/provider-aws/lib/subnet";
import { Vpc } from "@cdktf/provider-aws/lib/vpc";
import { VpcEndpoint } from "@cdktf/provider-aws/lib/vpc-endpoint";
import { Token, propertyAccess } from "cdktf";
import { Construct } from "constructs";
import { check } from "../checks";
import { type AlarmSpec, type Graph, type Monitored } from "../monitoring/alarm-spec";
import { PRIMARY, pathOf, physicalName } from "../naming";
import { regionOf } from "../naming/arn";
import { type Cidr, parseVpcCidr, subnetCidr } from "./cidr";
import { FlowLogs } from "./flow-logs";
import { type Nat, type NatProps } from "./nat";
import { NatGateway } from "./nat-gateway";
import { NatInstance } from "./nat-instance";

export interface NetworkProps {
  /** A private block from /16 to /22: "10.0.0.0/16". Subnets are /24, and a sixteenth of the VPC below /20. */
  readonly cidr: string;
  /** Availability zones, 2 or 3: each tier has a subnet in each. */
  readonly zones: number;
  /**
   * How the private subnets reach the internet:
   * - none: not at all;
   * - instance: through a small EC2 instance in the first zone, about $7 a month with its address; down for minutes while it
   *   is moved, rebooted or replaced: dev;
   * - single: through one NAT gateway in the first zone, about $33 a month and $0.045 per GB;
   * - per-zone: through a NAT gateway in each zone, which keeps the others going when a zone fails.
   */
  readonly nat: "none" | "instance" | "single" | "per-zone";
  /**
   * Where tasks run. In "private" subnets they call out through NAT. In the "public" ones each has a public address of its
   * own, about $3.65 a month, and there is nothing but them and the isolated subnets: no NAT, and no place for functions.
   * Security groups let nobody in, here as there. For dev, where a NAT would cost more than all the tasks. @default "private"
   */
  readonly tasks?: "private" | "public";
  /** Records all traffic, in CloudWatch Logs. @default none */
  readonly flowLogs?: { readonly retentionDays: number };
}

/** The order is the place in the VPC's block (`subnetCidr`): add a tier at the end only. */
const TIERS = ["public", "private", "isolated"] as const;
type Tier = (typeof TIERS)[number];

const ZONES = ["a", "b", "c"];
const NATS = ["none", "instance", "single", "per-zone"];
const PLACES = ["private", "public"];

/** The subnets of tasks, and whether each task gets a public address there. */
export interface TaskPlacement {
  readonly subnetIds: string[];
  readonly assignPublicIp: boolean;
}

/**
 * A VPC with public, private and isolated subnets in each zone: nothing in it has a public address unless it asks for
 * one, the isolated subnets have no way out, S3 is reached without NAT, and the default security group lets nothing through.
 */
export class Network extends Construct implements Monitored {
  readonly vpcId: string;
  readonly cidr: string;
  /** For load balancers; a route to and from the internet. */
  readonly publicSubnetIds: string[];
  /** For tasks and functions; out through NAT, if there is one. None where tasks run in the public subnets. */
  readonly privateSubnetIds: string[];
  /** For stores; no route out. */
  readonly isolatedSubnetIds: string[];
  /** The availability zones of the isolated subnets, in their order. */
  readonly isolatedZones: string[];
  /** Where a task's network interface is made. */
  readonly tasks: TaskPlacement;
  private readonly zones: string[];
  private readonly nats: readonly Nat[];

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

    const inPublic = props.tasks === "public";
    const subnets = this.subnets(block, inPublic ? [] : this.zones);
    const open = this.table("public");
    this.publicSubnetIds = this.associate("public", subnets.public, () => open, [this.toInternet(open)]);
    const closed = this.table("isolated");
    this.isolatedSubnetIds = this.associate("isolated", subnets.isolated, () => closed);
    this.isolatedZones = subnets.isolated.map((subnet) => subnet.availabilityZone);
    const own = subnets.private.map((_, index) => this.table(`private-${this.zones[index] ?? ""}`));
    this.nats = this.makeNats(props.nat, block);
    const routes = this.toNat(own);
    this.privateSubnetIds = this.associate("private", subnets.private, (index) => own[index] ?? closed, routes);
    this.tasks = { subnetIds: inPublic ? this.publicSubnetIds : this.privateSubnetIds, assignPublicIp: inPublic };

    this.s3([open, ...own, closed]);
    if (props.flowLogs) new FlowLogs(this, "flow-logs", { vpcId: vpc.id, ...props.flowLogs });
  }

  /** What private subnets reach the internet through: nothing, without NAT. */
  alarms(): AlarmSpec[] {
    return this.nats.flatMap((nat) => nat.alarms());
  }

  graphs(): Graph[] {
    return this.nats.flatMap((nat) => nat.graphs());
  }

  private checked({ cidr, zones, nat, tasks = "private" }: NetworkProps): Cidr {
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
      fix: 'Take single (about $33 a month), instance for dev (about $7), or none beside tasks: "public".',
    });
    check(this, PLACES.includes(tasks) && (tasks === "private" || nat === "none"), {
      what: `${what}: tasks`,
      got: tasks === "public" ? `public, beside nat: ${nat}` : tasks,
      expected: `${PLACES.join(" or ")}, the latter with nat: none`,
      fix: "Take private with a NAT, or public with none: a NAT serves private subnets only.",
    });
    return block ?? { address: 0, prefix: 16 };
  }

  private subnets(block: Cidr, privateZones: readonly string[]): Record<Tier, Subnet[]> {
    // Local and wavelength zones have to be opted into, and hold no databases.
    const available = new DataAwsAvailabilityZones(this, "zones", {
      state: "available",
      filter: [{ name: "opt-in-status", values: ["opt-in-not-required"] }],
    });
    const of = (tier: Tier, zones: readonly string[] = this.zones): Subnet[] =>
      zones.map(
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
    return { public: of("public"), private: of("private", privateZones), isolated: of("isolated") };
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
    return subnets.map((subnet, index) => {
      const zone = this.zones[index] ?? "";
      const association = new RouteTableAssociation(this, `${tier}-${zone}-association`, {
        subnetId: subnet.id,
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

  private makeNats(kind: NetworkProps["nat"], block: Cidr): Nat[] {
    const from = this.zones.map((_, index) => subnetCidr(block, TIERS.indexOf("private"), index));
    const counts = { none: 0, instance: 1, single: 1, "per-zone": this.zones.length };
    return this.zones.slice(0, counts[kind] ?? 0).map((zone, index) => {
      const props: NatProps = { network: this, subnetId: this.publicSubnetIds[index] ?? "", from };
      return new (kind === "instance" ? NatInstance : NatGateway)(this, `nat-${zone}`, props);
    });
  }

  private toNat(tables: RouteTable[]): Route[] {
    const [first] = this.nats;
    if (!first) return [];
    return tables.map(
      (table, index) =>
        new Route(this, `private-${this.zones[index] ?? ""}-to-nat`, {
          routeTableId: table.id,
          destinationCidrBlock: "0.0.0.0/0",
          ...(this.nats[index] ?? first).target,
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
