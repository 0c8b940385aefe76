import fc from "fast-check";
import { parse } from "ipaddr.js";
import { isPublic } from "./public-address";

/** IANA's special-purpose registries, with what else leads inside a network: first address, length of the prefix. */
const FORBIDDEN_IPV4 = [
  ["0.0.0.0", 8],
  ["10.0.0.0", 8],
  ["100.64.0.0", 10],
  ["127.0.0.0", 8],
  ["169.254.0.0", 16],
  ["172.16.0.0", 12],
  ["192.0.0.0", 24],
  ["192.0.2.0", 24],
  ["192.88.99.0", 24],
  ["192.168.0.0", 16],
  ["198.18.0.0", 15],
  ["198.51.100.0", 24],
  ["203.0.113.0", 24],
  ["224.0.0.0", 4],
  ["240.0.0.0", 4],
] as const;
const FORBIDDEN_IPV6 = [
  ["::", 96], // Unspecified, loopback, IPv4-compatible.
  ["::ffff:0:0", 96], // IPv4-mapped.
  ["::ffff:0:0:0", 96], // IPv4-translated.
  ["64:ff9b::", 96], // NAT64.
  ["64:ff9b:1::", 48], // NAT64 of a network's own.
  ["100::", 64], // Discard only.
  ["2001::", 32], // Teredo.
  ["2001:2::", 48],
  ["2001:10::", 28],
  ["2001:20::", 28],
  ["2001:db8::", 32],
  ["2002::", 16], // 6to4.
  ["3fff::", 20],
  ["5f00::", 16],
  ["fc00::", 7], // Unique local: EC2's metadata is fd00:ec2::254.
  ["fe80::", 10],
  ["fec0::", 10],
  ["ff00::", 8],
] as const;

/** Addresses of a block: its prefix, then any bits. */
function within(first: string, prefix: number): fc.Arbitrary<number[]> {
  const start = parse(first).toByteArray();
  return fc.uint8Array({ minLength: start.length, maxLength: start.length }).map((random) =>
    start.map((byte, index) => {
      const free = Math.max(0, Math.min(8, (index + 1) * 8 - prefix));
      const mask = (1 << free) - 1;
      return (byte & ~mask & 255) | ((random[index] ?? 0) & mask);
    }),
  );
}

const ipv4 = (bytes: readonly number[]) => bytes.join(".");
const groups = (bytes: readonly number[]) =>
  Array.from({ length: 8 }, (_, n) => ((bytes[2 * n] ?? 0) << 8) | (bytes[2 * n + 1] ?? 0));
/** The ways in which one IPv6 address is written. */
const ipv6 = (bytes: readonly number[]) => {
  const long = groups(bytes).map((group) => group.toString(16).padStart(4, "0"));
  return [
    long.join(":"),
    long.join(":").toUpperCase(),
    new URL(`https://[${long.join(":")}]/`).hostname.slice(1, -1),
    `${long.slice(0, 6).join(":")}:${bytes.slice(12).join(".")}`,
  ];
};

const all = (property: fc.IRawProperty<unknown>) => fc.assert(property, { numRuns: 300 });

test.each(FORBIDDEN_IPV4)("no address of %s/%i is public", (first, prefix) => {
  all(fc.property(within(first, prefix), (bytes) => !isPublic(ipv4(bytes))));
});

test.each(FORBIDDEN_IPV6)("no address of %s/%i is public, however it is written", (first, prefix) => {
  all(fc.property(within(first, prefix), (bytes) => !ipv6(bytes).some(isPublic)));
});

test.each(FORBIDDEN_IPV4)("no IPv6 form of an address of %s/%i is public", (first, prefix) => {
  const forms = (bytes: number[]) => {
    const address = ipv4(bytes);
    const [high, low] = [0, 2].map((n) => (((bytes[n] ?? 0) << 8) | (bytes[n + 1] ?? 0)).toString(16)) as [
      string,
      string,
    ];
    return [
      `::${address}`,
      `::ffff:${address}`,
      `::ffff:0:${address}`,
      `64:ff9b::${address}`,
      `2002:${high}:${low}::`,
      `2606:4700::5efe:${high}:${low}`,
      `2606:4700::200:5efe:${high}:${low}`,
    ];
  };
  all(fc.property(within(first, prefix), (bytes) => !forms(bytes).some(isPublic)));
});

test.each(["169.254.169.254", "fd00:ec2::254", "169.254.170.2", "168.63.129.16", "100.100.100.200", "fe80::1%eth0"])(
  "the metadata service %s of a cloud is not public",
  (address) => expect(isPublic(address)).toBe(false),
);

test("what is no address is not public", () => {
  all(fc.property(fc.oneof(fc.string(), fc.domain(), fc.webUrl()), (text) => !isPublic(text)));
  for (const text of ["", "0x7f.1", "017700000001", "2130706433", "127.1", "localhost", "8.8.8", "1.1.1.1.", "[::1]"]) {
    expect([text, isPublic(text)]).toEqual([text, false]);
  }
});

test.each([
  "1.1.1.1",
  "8.8.8.8",
  "11.0.0.1",
  "99.255.255.255",
  "172.32.0.1",
  "223.255.255.255",
  "2606:4700:4700::1111",
  "2a00:1450:4001::1",
])("%s is public", (address) => expect(isPublic(address)).toBe(true));
