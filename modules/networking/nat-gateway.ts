import { NatGateway as AwsNatGateway } from "@cdktf/provider-aws/lib/nat-gateway";
import { Construct } from "constructs";
import { type AlarmSpec, type Graph, type Metric } from "../monitoring/alarm-spec";
import { PRIMARY, pathOf, physicalName } from "../naming";
import { type Nat, type NatProps, publicAddress } from "./nat";

/** AWS's own NAT, about $33 a month and $0.045 per GB: grows with the load up to 100 Gbit/s, and fails with its zone only. */
export class NatGateway extends Construct implements Nat {
  readonly target: { readonly natGatewayId: string };

  constructor(scope: Construct, id: string, { subnetId }: NatProps) {
    super(scope, id);
    const gateway = new AwsNatGateway(this, PRIMARY, {
      allocationId: publicAddress(this).allocationId,
      subnetId,
      tags: { Name: physicalName(this, { max: 255 }) },
    });
    this.target = { natGatewayId: gateway.id };
  }

  alarms(): AlarmSpec[] {
    const { id } = this.node;
    return [
      {
        id: `${id}-ports`,
        description:
          `The NAT gateway ${pathOf(this).join("/")} had no port left for a connection: more than 55,000 at a time go to one ` +
          "destination. See in the flow logs who opens them, and let it keep connections open instead of opening new ones.",
        metric: this.metric("ErrorPortAllocation", "Sum"),
        threshold: 0,
        minutes: 3,
        severity: "critical",
      },
    ];
  }

  graphs(): Graph[] {
    const { id } = this.node;
    return [
      {
        title: `Bytes a minute through ${id}`,
        metrics: [
          { ...this.metric("BytesOutToDestination", "Sum"), label: "out" },
          { ...this.metric("BytesInFromDestination", "Sum"), label: "in" },
        ],
        unit: "Bytes",
      },
    ];
  }

  private metric(name: string, statistic: string): Metric {
    const dimensions = { NatGatewayId: this.target.natGatewayId };
    return { namespace: "AWS/NATGateway", name, dimensions, statistic };
  }
}
