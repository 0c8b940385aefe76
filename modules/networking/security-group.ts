import { SecurityGroup as Ec2SecurityGroup } from "@cdktf/provider-aws/lib/security-group";
import { VpcSecurityGroupEgressRule } from "@cdktf/provider-aws/lib/vpc-security-group-egress-rule";
import { VpcSecurityGroupIngressRule } from "@cdktf/provider-aws/lib/vpc-security-group-ingress-rule";
import { type ITerraformDependable } from "cdktf";
import { Construct } from "constructs";
import { PRIMARY, digest, pathOf, physicalName } from "../naming";
import { type Network } from "./network";

/** Something with a security group of its own: it can be let in, and can let others in. */
export interface Connectable {
  readonly securityGroup: SecurityGroup;
}

export interface SecurityGroupProps {
  readonly network: Network;
  /** What the group is for, as the console shows it. AWS replaces the group when it changes. */
  readonly description: string;
  /** "anywhere" for what calls AWS or the internet; "nowhere" for stores, which only answer. */
  readonly outbound: "anywhere" | "nowhere";
  /** What must be there before the group, and still there while it is deleted. @default nothing */
  readonly outlivedBy?: ITerraformDependable;
}

/** A security group that lets nobody in until `allowFrom` names who; each permission is a resource of its own. */
export class SecurityGroup extends Construct {
  readonly id: string;

  constructor(scope: Construct, id: string, props: SecurityGroupProps) {
    super(scope, id);
    // A group in use cannot be deleted, and its name is taken: a new description makes a new group before the old one goes.
    const group = new Ec2SecurityGroup(this, PRIMARY, {
      name: physicalName(this, { max: 255, suffix: digest(props.description) }),
      description: props.description,
      vpcId: props.network.vpcId,
      tags: this.named(),
      lifecycle: { createBeforeDestroy: true },
      ...(props.outlivedBy && { dependsOn: [props.outlivedBy] }),
    });
    this.id = group.id;
    if (props.outbound === "anywhere") {
      new VpcSecurityGroupEgressRule(this, "to-anywhere", {
        securityGroupId: this.id,
        description: "To anywhere: AWS APIs and the internet",
        ipProtocol: "-1",
        cidrIpv4: "0.0.0.0/0",
        tags: this.named("to-anywhere"),
      });
    }
  }

  /** Lets others in on one TCP port. Returns the rules, to depend on where something connects while Terraform runs. */
  allowFrom(port: number, ...from: Connectable[]): ITerraformDependable[] {
    return from.map((other) => {
      const peer = nameOf(other);
      const tags = this.named(`from-${peer}`);
      return new VpcSecurityGroupIngressRule(this, `from-${peer}`, {
        description: `From ${peer}`,
        ...this.rule(port, other),
        tags,
      });
    });
  }

  /** Lets the group's members out to others on one TCP port; only a group with `outbound: "nowhere"` needs it. */
  allowTo(port: number, ...to: Connectable[]): void {
    for (const other of to) {
      const peer = nameOf(other);
      const tags = this.named(`to-${peer}`);
      new VpcSecurityGroupEgressRule(this, `to-${peer}`, {
        description: `To ${peer}`,
        ...this.rule(port, other),
        tags,
      });
    }
  }

  /** Lets the whole internet in on one TCP port. Only the load balancer may: the conformance test holds it to that. */
  allowFromInternet(port: number): void {
    const id = `from-internet-${String(port)}`;
    new VpcSecurityGroupIngressRule(this, id, {
      securityGroupId: this.id,
      description: "From the internet",
      ipProtocol: "tcp",
      fromPort: port,
      toPort: port,
      cidrIpv4: "0.0.0.0/0",
      tags: this.named(id),
    });
  }

  /** A rule has an id that AWS gives, and nothing else that would tell which it is. */
  private named(suffix?: string): { Name: string } {
    return { Name: physicalName(this, { max: 255, suffix }) };
  }

  private rule(port: number, { securityGroup }: Connectable) {
    return {
      securityGroupId: this.id,
      ipProtocol: "tcp",
      fromPort: port,
      toPort: port,
      referencedSecurityGroupId: securityGroup.id,
    };
  }
}

/** Who a group belongs to: the construct around it. */
function nameOf({ securityGroup }: Connectable): string {
  return pathOf(securityGroup.node.scope as Construct).join("-");
}
