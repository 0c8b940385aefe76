import { DescribeSecurityGroupRulesCommand, EC2Client, type SecurityGroupRule } from "@aws-sdk/client-ec2";
import type { ClientConfig } from "../support/aws-clients";
import type { Command } from "../support/shell";
import { type Finding, problem } from "./finding";
import type { VpcFact } from "../support/vpc-facts";

/** EC2 takes that many values in a filter. */
const MOST_VALUES = 200;

/**
 * Rules in a deployment's security groups that do not carry its tag. AWS lets a new group out to anywhere, and Terraform
 * takes that away in a second call: a kill between the two leaves a rule that no plan shows.
 */
export async function foreignRules(
  deployment: string,
  facts: ReadonlyMap<string, VpcFact>,
  config: ClientConfig,
): Promise<Finding[]> {
  const groups = [...facts].filter(([id, { innate }]) => id.startsWith("sg-") && !innate).map(([id]) => id);
  const client = new EC2Client(config);
  const found: SecurityGroupRule[] = [];
  for (let from = 0; from < groups.length; from += MOST_VALUES) {
    const Filters = [{ Name: "group-id", Values: groups.slice(from, from + MOST_VALUES) }];
    found.push(...((await client.send(new DescribeSecurityGroupRulesCommand({ Filters }))).SecurityGroupRules ?? []));
  }
  return found
    .filter(({ GroupId = "", Tags = [] }) => groups.includes(GroupId) && !isOf(deployment, Tags))
    .map(ruleFinding);
}

function isOf(deployment: string, tags: readonly { readonly Key?: string; readonly Value?: string }[]): boolean {
  return tags.some(({ Key, Value }) => Key === "deployment" && Value === deployment);
}

export function ruleFinding(rule: SecurityGroupRule): Finding {
  const { GroupId = "", SecurityGroupRuleId = "", IsEgress, CidrIpv4, CidrIpv6, IpProtocol, FromPort, ToPort } = rule;
  const peer = CidrIpv4 ?? CidrIpv6 ?? rule.PrefixListId ?? rule.ReferencedGroupInfo?.GroupId ?? "somebody";
  const ports =
    IpProtocol === "-1" ? "on every port" : `on ${String(IpProtocol)} ${String(FromPort)} to ${String(ToPort)}`;
  const command: Command = [
    ...(["aws", "ec2", `revoke-security-group-${IsEgress ? "egress" : "ingress"}`] as const),
    ...["--group-id", GroupId, "--security-group-rule-ids", SecurityGroupRuleId],
  ];
  return problem(
    "Resources",
    `${GroupId} ${IsEgress ? `lets out to ${peer}` : `lets in ${peer}`} ${ports} by a rule that is not this deployment's, and that no plan shows: made by hand, or by AWS for a new group, before Terraform could take it away:`,
    command,
  );
}
