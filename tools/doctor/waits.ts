import type { Command } from "../support/shell";

/** What must be waited for before Terraform may change a resource that was just created; at once when it is ready. */
export function waitFor(type: string, id: string): readonly Command[] {
  switch (type) {
    case "aws_db_instance":
    case "aws_rds_cluster_instance":
      return [["aws", "rds", "wait", "db-instance-available", "--db-instance-identifier", id]];
    case "aws_rds_cluster":
      return [["aws", "rds", "wait", "db-cluster-available", "--db-cluster-identifier", id]];
    case "aws_elasticache_replication_group":
      return [["aws", "elasticache", "wait", "replication-group-available", "--replication-group-id", id]];
    case "aws_lb":
      return [["aws", "elbv2", "wait", "load-balancer-available", "--load-balancer-arns", id]];
    case "aws_nat_gateway":
      return [["aws", "ec2", "wait", "nat-gateway-available", "--nat-gateway-ids", id]];
    default:
      return [];
  }
}
