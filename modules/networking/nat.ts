import { Eip } from "@cdktf/provider-aws/lib/eip";
import { type Construct } from "constructs";
import { type Monitored } from "../monitoring/alarm-spec";
import { physicalName } from "../naming";
import { type Network } from "./network";

export interface NatProps {
  readonly network: Network;
  /** The public subnet that it stands in. */
  readonly subnetId: string;
  /** The blocks of the subnets that it lets out. */
  readonly from: readonly string[];
}

/** A way out for private subnets, under one public address; nothing comes in through it that they did not ask for. */
export interface Nat extends Monitored {
  /** What a route names. */
  readonly target: { readonly natGatewayId: string } | { readonly networkInterfaceId: string };
}

/**
 * The public address of a NAT, about $3.65 a month. It stands beside the NAT, not below it: another kind of NAT then
 * keeps the address, which others may have on their lists.
 */
export function publicAddress(nat: Construct, settings: { readonly networkInterface?: string } = {}): Eip {
  const tags = { Name: physicalName(nat, { max: 255 }) };
  return new Eip(nat.node.scope as Construct, `${nat.node.id}-address`, { domain: "vpc", ...settings, tags });
}
