/** An IPv4 block: its first address as a number, and the length of its prefix. */
export interface Cidr {
  readonly address: number;
  readonly prefix: number;
}

/** A VPC's blocks: from /16 (AWS's largest) to /22, whose subnets of 64 addresses still hold a load balancer at work. */
const LARGEST = 16;
const SMALLEST = 22;

/** The private ranges of RFC 1918. */
const PRIVATE = ["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16"];

/** 4 tiers of 4 zones: a slot of each stays free, so that a third zone or a fourth tier never moves a subnet. */
const SLOTS_PER_TIER = 4;
const SLOT_BITS = 4;

/** Without leading zeros, which make a number octal to some, and which Terraform refuses. */
const BLOCK = /^(0|[1-9]\d{0,2})\.(0|[1-9]\d{0,2})\.(0|[1-9]\d{0,2})\.(0|[1-9]\d{0,2})\/(0|[1-9]\d?)$/;

/** Reads "10.0.0.0/16"; undefined for anything else, such as a block that does not begin at its own first address. */
export function parseCidr(text: unknown): Cidr | undefined {
  const match = BLOCK.exec(String(text));
  const [a = 256, b = 256, c = 256, d = 256, prefix = 33] = match?.slice(1).map(Number) ?? [];
  if ([a, b, c, d].some((octet) => octet > 255) || prefix > 32) return undefined;
  const address = ((a * 256 + b) * 256 + c) * 256 + d;
  return address % size(prefix) === 0 ? { address, prefix } : undefined;
}

/** Reads the block of a VPC; undefined if `parseCidr` refuses it, or if it is public, too large or too small. */
export function parseVpcCidr(text: unknown): Cidr | undefined {
  const cidr = parseCidr(text);
  if (!cidr || cidr.prefix < LARGEST || cidr.prefix > SMALLEST) return undefined;
  return PRIVATE.some((range) => contains(parseCidr(range), cidr)) ? cidr : undefined;
}

/**
 * The block of one subnet: a /24 (251 usable addresses) of a VPC from /16 to /20, a sixteenth of a smaller one. It
 * depends on the tier and the zone alone, never on how many there are.
 * @param tier from 0 to 3
 * @param zone from 0 to 3
 */
export function subnetCidr(vpc: Cidr, tier: number, zone: number): string {
  const prefix = Math.max(24, vpc.prefix + SLOT_BITS);
  const address = vpc.address + (tier * SLOTS_PER_TIER + zone) * size(prefix);
  const octets = [24, 16, 8, 0].map((bits) => Math.floor(address / 2 ** bits) % 256);
  return `${octets.join(".")}/${String(prefix)}`;
}

function contains(outer: Cidr | undefined, inner: Cidr): boolean {
  return outer !== undefined && Math.floor(inner.address / size(outer.prefix)) * size(outer.prefix) === outer.address;
}

function size(prefix: number): number {
  return 2 ** (32 - prefix);
}
