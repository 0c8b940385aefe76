import { isIP } from "node:net";
import { parse, parseCIDR } from "ipaddr.js";

/**
 * IPv6 addresses that anybody has are all in this block (IANA, "IPv6 Global Unicast Address Space"). Outside of it are
 * forms that hide an IPv4 address (::127.0.0.1, ::ffff:127.0.0.1, 64:ff9b::), local ones, and what is not given out.
 */
const GLOBAL_IPV6 = parseCIDR("2000::/3");

/** An IPv6 address whose interface is an IPv4 address (ISATAP, RFC 5214): a router would tunnel to it. */
const ISATAP = /^(\w+:){4}(0|200):5efe:/;

/** Azure's metadata and DNS service: global by its number, and inside a network by what it does. */
const INSIDE_OTHER_CLOUDS = new Set(["168.63.129.16"]);

/**
 * Whether an address, as DNS or a URL gives it, is one of the public internet's. Not public are all of IANA's special
 * registries: private, loopback, link-local (the metadata service), shared (CGNAT), multicast, documentation,
 * reserved, and every form of IPv6 that leads to an IPv4 address. What is no address is not public.
 */
export function isPublic(address: string): boolean {
  // A zone ("fe80::1%eth0") says through which interface: no public address has one.
  if (isIP(address) === 0 || address.includes("%")) return false;
  const parsed = parse(address);
  if (parsed.range() !== "unicast") return false;
  if (parsed.kind() === "ipv4") return !INSIDE_OTHER_CLOUDS.has(parsed.toString());
  return parsed.match(GLOBAL_IPV6) && !ISATAP.test(parsed.toNormalizedString());
}
