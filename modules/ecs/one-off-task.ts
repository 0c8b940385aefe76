import { Construct } from "constructs";
import { type Grantee, Role } from "../iam";
import { pathOf } from "../naming";
import { type Connectable, type Network, SecurityGroup } from "../networking";
import { type Cluster } from "./cluster";
import { type ImagePointer } from "./image-pointer";
import { TaskDefinition, type TaskProps } from "./task-definition";

export interface OneOffTaskProps extends TaskProps {
  readonly cluster: Cluster;
  readonly network: Network;
  /** The service whose image it runs, with a command of its own. */
  readonly imageOf: { readonly image: ImagePointer };
}

/** What somebody needs to know in order to run the task, in the spelling of Terraform's outputs. */
export interface Invocation {
  readonly cluster: string;
  readonly family: string;
  readonly container: string;
  /** The service whose image it runs: "api". */
  readonly image_of: string;
  readonly subnets: string[];
  readonly security_groups: string[];
  readonly assign_public_ip: boolean;
  readonly log_group: string;
}

/**
 * A task that runs once when somebody starts it, such as a migration, and that nobody can connect to. A release runs it
 * with the new image, as a further revision of its family, before any service has that image; on demand, whatever the
 * cluster's services run on: Spot would take it back in its midst, and it costs cents.
 */
export class OneOffTask extends Construct implements Grantee, Connectable {
  readonly role: Role;
  readonly securityGroup: SecurityGroup;
  readonly invocation: Invocation;

  constructor(scope: Construct, id: string, props: OneOffTaskProps) {
    super(scope, id);
    const { cluster, network, imageOf } = props;
    const path = pathOf(this).join("/");
    this.role = new Role(this, "role", { service: "ecs-tasks.amazonaws.com", description: `What ${path} may do` });
    this.securityGroup = new SecurityGroup(this, "security-group", {
      network,
      description: `Task ${path}`,
      outbound: "anywhere",
    });
    const task = new TaskDefinition(this, "task", { ...props, of: this, image: imageOf.image, role: this.role });
    this.invocation = {
      cluster: cluster.name,
      family: task.family,
      container: task.containerName,
      image_of: imageOf.image.of,
      subnets: network.tasks.subnetIds,
      security_groups: [this.securityGroup.id],
      assign_public_ip: network.tasks.assignPublicIp,
      log_group: task.logGroup,
    };
  }
}
