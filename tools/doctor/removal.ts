import type { Command } from "../support/shell";
import type { Stray } from "./strays";

/** How a twin is deleted, or what was made to replace something, that stands beside the one in the state, in the order in which AWS lets them go. */
const REMOVALS: Readonly<Record<string, (stray: Stray) => Command[]>> = {
  aws_vpc_endpoint: ({ id }) => [["aws", "ec2", "delete-vpc-endpoints", "--vpc-endpoint-ids", id]],
  aws_flow_log: ({ id }) => [["aws", "ec2", "delete-flow-logs", "--flow-log-ids", id]],
  aws_nat_gateway: ({ id }) => [
    ["aws", "ec2", "delete-nat-gateway", "--nat-gateway-id", id],
    ["aws", "ec2", "wait", "nat-gateway-deleted", "--nat-gateway-ids", id],
  ],
  aws_instance: ({ id }) => [
    ["aws", "ec2", "terminate-instances", "--instance-ids", id],
    ["aws", "ec2", "wait", "instance-terminated", "--instance-ids", id],
  ],
  aws_network_interface: ({ id }) => [["aws", "ec2", "delete-network-interface", "--network-interface-id", id]],
  aws_eip: ({ id }) => [["aws", "ec2", "release-address", "--allocation-id", id]],
  // A group that another one's rule names is not deleted.
  aws_vpc_security_group_ingress_rule: (rule) => revoked("ingress", rule),
  aws_vpc_security_group_egress_rule: (rule) => revoked("egress", rule),
  aws_security_group: ({ id }) => [["aws", "ec2", "delete-security-group", "--group-id", id]],
  aws_subnet: ({ id }) => [["aws", "ec2", "delete-subnet", "--subnet-id", id]],
  aws_route_table: ({ id }) => [["aws", "ec2", "delete-route-table", "--route-table-id", id]],
  aws_internet_gateway: ({ id, vpc }) => [
    ...(vpc
      ? ([["aws", "ec2", "detach-internet-gateway", "--internet-gateway-id", id, "--vpc-id", vpc]] as const)
      : []),
    ["aws", "ec2", "delete-internet-gateway", "--internet-gateway-id", id],
  ],
  aws_lb_target_group: ({ arn }) => [["aws", "elbv2", "delete-target-group", "--target-group-arn", arn]],
  aws_db_parameter_group: ({ id }) => [["aws", "rds", "delete-db-parameter-group", "--db-parameter-group-name", id]],
  aws_elasticache_parameter_group: ({ id }) => [
    ["aws", "elasticache", "delete-cache-parameter-group", "--cache-parameter-group-name", id],
  ],
  aws_elasticache_user_group: ({ id }) => [["aws", "elasticache", "delete-user-group", "--user-group-id", id]],
  aws_elasticache_user: ({ id }) => [["aws", "elasticache", "delete-user", "--user-id", id]],
  aws_vpc: ({ id }) => [["aws", "ec2", "delete-vpc", "--vpc-id", id]],
  aws_kms_key: ({ id }) => [["aws", "kms", "schedule-key-deletion", "--key-id", id, "--pending-window-in-days", "7"]],
};

const ORDER = Object.keys(REMOVALS);

/** The commands that delete a twin; none for what goes with something else, or may hold data. */
export function removal(stray: Stray): readonly Command[] {
  return REMOVALS[stray.type]?.(stray) ?? [];
}

export function removalRank(type: string): number {
  return ORDER.indexOf(type);
}

function revoked(direction: "ingress" | "egress", { id, group }: Stray): Command[] {
  return group === undefined
    ? []
    : [["aws", "ec2", `revoke-security-group-${direction}`, "--group-id", group, "--security-group-rule-ids", id]];
}
