import { type SynthesizedResource } from "../support/synthesized-resources";
import { type References } from "./references";

/** From the internet inwards. */
export const TIERS = ["public", "private", "isolated"] as const;
export type TierName = (typeof TIERS)[number];

/** Subnets with the same way out, as one frame. */
export interface Tier {
  readonly name: TierName;
  /** Its subnets and its way out, a line each. */
  readonly notes: readonly string[];
}

export interface NetworkTiers {
  /** What stands on the frame around the tiers: "VPC 10.10.0.0/16"; nothing in a stack without a VPC. */
  readonly vpc?: string;
  readonly tiers: readonly Tier[];
  /** Where a resource stands, from the subnets that it names or its subnet group does. */
  readonly tierOf: (resource: SynthesizedResource) => TierName | undefined;
}

/** The tiers of a stack's VPC. What a subnet is, its routes say and not its name: a default route to an internet gateway makes it public, one to a NAT private, none isolated. */
export function networkTiers(references: References): NetworkTiers {
  const [vpc] = references.of("aws_vpc");
  const subnets = new Map(references.of("aws_subnet").map(({ address }) => [address, tierBy(address, references)]));
  // A one-off task says only when it is run where it stands: with the services.
  const standing = (resource: SynthesizedResource): readonly SynthesizedResource[] =>
    resource.type === "aws_ecs_task_definition" ? references.of("aws_ecs_service") : [resource];
  const tierOf = (resource: SynthesizedResource): TierName | undefined => {
    const found = standing(resource)
      .flatMap((at) => subnetsOf(at, references))
      .map(({ address }) => subnets.get(address));
    return TIERS.find((tier) => found.includes(tier));
  };
  const tiers = TIERS.flatMap((name) => {
    const count = [...subnets.values()].filter((tier) => tier === name).length;
    return count > 0 ? [{ name, notes: [counted(count, "subnet"), wayOut(name, references)] }] : [];
  });
  return { ...(vpc && { vpc: vpcNote(vpc, references) }), tiers, tierOf };
}

function tierBy(subnet: string, references: References): TierName {
  const tables = references
    .of("aws_route_table_association")
    .filter(({ arguments: { subnet_id: id } }) => references.first(id)?.address === subnet)
    .map(({ arguments: { route_table_id: id } }) => references.first(id)?.address);
  const routes = references
    .of("aws_route")
    .filter(({ arguments: args }) => args["destination_cidr_block"] === "0.0.0.0/0")
    .filter(({ arguments: { route_table_id: id } }) => tables.includes(references.first(id)?.address));
  if (routes.some(({ arguments: { gateway_id: gateway } }) => gateway !== undefined)) return "public";
  return routes.length > 0 ? "private" : "isolated";
}

/** Only through what stands for a subnet: a service also refers to its load balancer, which stands elsewhere. */
function subnetsOf(
  { arguments: { depends_on: _, ...args } }: SynthesizedResource,
  references: References,
): SynthesizedResource[] {
  return references.in(args).flatMap((found) => {
    if (found.type === "aws_subnet") return [found];
    const stands = found.type === "aws_route_table_association" || found.type.endsWith("_subnet_group");
    return stands ? subnetsOf(found, references) : [];
  });
}

function wayOut(tier: TierName, references: References): string {
  if (tier === "isolated") return "no route out";
  if (tier === "public") return "internet gateway";
  const gateways = references.of("aws_nat_gateway").length;
  return gateways > 0 ? counted(gateways, "NAT gateway") : "NAT instance";
}

function vpcNote({ arguments: { cidr_block: cidr } }: SynthesizedResource, references: References): string {
  const services = references
    .of("aws_vpc_endpoint")
    .map(({ arguments: { service_name: name } }) => String(name).split(".").at(-1))
    .sort();
  const endpoints = services.length > 0 ? `, endpoint${services.length > 1 ? "s" : ""}: ${services.join(", ")}` : "";
  return `VPC ${String(cidr)}${endpoints}`;
}

function counted(count: number, noun: string): string {
  return count === 1 ? `1 ${noun}` : `${String(count)} ${noun}s`;
}
