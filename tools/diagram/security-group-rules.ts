import { type Arrow } from "./arrow";
import { type Box, type Boxes, INTERNET } from "./boxes";
import { type References } from "./references";

type Arguments = Readonly<Record<string, unknown>>;

/** Who may connect to whom, and on which port: from the rules inward. */
export function securityGroupRules(references: References, boxes: Boxes): Arrow[] {
  return references.of("aws_vpc_security_group_ingress_rule").flatMap(({ arguments: args }) => {
    const to = boxes.of(references.first(args["security_group_id"]));
    const from = boxes.of(references.first(args["referenced_security_group_id"])) ?? outside(args);
    return from && to ? [{ from, to, label: port(args), flow: "network" as const }] : [];
  });
}

/** A range of addresses: everybody, or a neighbour that is named by its range. */
function outside({ cidr_ipv4: ipv4, cidr_ipv6: ipv6, prefix_list_id: list }: Arguments): Box | undefined {
  const range = [ipv4, ipv6, list].find((value) => typeof value === "string");
  if (range === undefined) return undefined;
  if (range === "0.0.0.0/0" || range === "::/0") return INTERNET;
  return { ...INTERNET, id: String(range), label: "addresses outside" };
}

function port({ ip_protocol: protocol, from_port: from, to_port: to }: Arguments): string {
  if (protocol === "-1") return "any port";
  const range = from === to ? String(from) : `${String(from)}–${String(to)}`;
  return protocol === "tcp" ? range : `${range}/${String(protocol)}`;
}
