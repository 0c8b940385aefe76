import { CloudwatchEventRule } from "@cdktf/provider-aws/lib/cloudwatch-event-rule";
import { EcsService } from "@cdktf/provider-aws/lib/ecs-service";
import { type ITerraformDependable, Op, TerraformSelf } from "cdktf";
import { Construct } from "constructs";
import { type Grantee, Role } from "../iam";
import { PRIMARY, pathOf, physicalName } from "../naming";
import { arnOf } from "../naming/arn";
import { type Connectable, type Network, SecurityGroup } from "../networking";
import { type Cluster } from "./cluster";
import { ImagePointer } from "./image-pointer";
import { Scaling, type Tasks } from "./scaling";
import { type TaskSchedule, fewest } from "./scheduled-tasks";
import { TaskDefinition, type TaskProps } from "./task-definition";
import { type ServiceMetrics } from "./watch";

/** What every service on Fargate says, with a load balancer or without. */
export interface FargateProps extends TaskProps {
  readonly cluster: Cluster;
  readonly network: Network;
  readonly tasks: Tasks;
  /** Other numbers of tasks from certain times on, each with a name: none at night. @default none */
  readonly schedule?: TaskSchedule;
}

export interface FargateServiceProps extends FargateProps {
  /** Whether something wakes the service when it sleeps: only then may `tasks.min` be 0. */
  readonly wakes: boolean;
  /** What sends requests to it. @default nothing */
  readonly target?: {
    readonly groupArn: string;
    readonly port: number;
    /** Seconds after the start of a task in which a failed health check does not count. */
    readonly healthCheckGrace: number;
    /** The listener's rule: AWS refuses a service whose target group has no load balancer yet. */
    readonly rule: ITerraformDependable;
  };
}

const NAME_LENGTH = { max: 255 };

/**
 * What `Service` and `HttpService` share: tasks where the network has its place for them, that nobody reaches unless a
 * rule lets them; a rollout that fails is rolled back, and fails the apply.
 */
export class FargateService extends Construct implements Grantee, Connectable {
  readonly role: Role;
  readonly securityGroup: SecurityGroup;
  /** Known before there is a service, for whatever the service itself waits for. */
  readonly serviceArn: string;
  readonly image: ImagePointer;
  readonly scaling: Scaling;
  readonly metrics: ServiceMetrics;

  constructor(
    scope: Construct,
    id: string,
    private readonly props: FargateServiceProps,
  ) {
    super(scope, id);
    const { cluster, network, tasks, schedule, wakes, repository } = props;
    const path = pathOf(this).join("/");
    this.serviceArn = arnOf(this, "ecs", `service/${cluster.name}/${physicalName(this, NAME_LENGTH)}`);
    this.role = new Role(this, "role", { service: "ecs-tasks.amazonaws.com", description: `What ${path} may do` });
    this.securityGroup = new SecurityGroup(this, "security-group", {
      network,
      description: `Service ${path}`,
      outbound: "anywhere",
    });
    this.image = new ImagePointer(this, "image", { of: this, repository });
    const task = new TaskDefinition(this, "task", {
      ...props,
      of: this,
      image: this.image,
      role: this.role,
      port: props.target?.port,
    });
    const service = this.service(task);
    this.scaling = new Scaling(this, "scaling", {
      cluster: cluster.name,
      service: service.name,
      tasks,
      schedule,
      image: this.image,
      wakes,
    });
    this.metrics = {
      cluster: cluster.name,
      service: physicalName(this, NAME_LENGTH),
      min: fewest(tasks, schedule),
      placementRule: this.placementRule(service),
      logGroup: task.logGroup,
    };
  }

  private service(task: TaskDefinition): EcsService {
    const { cluster, network, tasks, target } = this.props;
    return new EcsService(this, PRIMARY, {
      name: physicalName(this, NAME_LENGTH),
      cluster: cluster.arn,
      taskDefinition: task.arn,
      // The first count only; later ones are scaling's.
      desiredCount: this.image.whenReleased(tasks.min),
      schedulingStrategy: "REPLICA",
      platformVersion: "LATEST",
      capacityProviderStrategy: [{ capacityProvider: cluster.capacityProvider, weight: 1, base: 0 }],
      // Without it the provider replaces the service, and stops all its tasks, when the capacity provider changes.
      forceNewDeployment: true,
      networkConfiguration: {
        subnets: network.tasks.subnetIds,
        securityGroups: [this.securityGroup.id],
        assignPublicIp: network.tasks.assignPublicIp,
      },
      ...(target && {
        loadBalancer: [
          { targetGroupArn: target.groupArn, containerName: task.containerName, containerPort: target.port },
        ],
        healthCheckGracePeriodSeconds: target.healthCheckGrace,
      }),
      deploymentController: { type: "ECS" },
      // New tasks first, at twice the number; old ones stop when the new ones are healthy.
      deploymentMinimumHealthyPercent: 100,
      deploymentMaximumPercent: 200,
      deploymentCircuitBreaker: { enable: true, rollback: true },
      waitForSteadyState: true,
      // A rollout that fails three times and goes back takes longer than the provider's 20 minutes.
      timeouts: { create: "40m", update: "40m" },
      availabilityZoneRebalancing: "ENABLED",
      enableExecuteCommand: false, // Its agent would have to write to the container's file system.
      enableEcsManagedTags: true,
      propagateTags: "SERVICE",
      dependsOn: [cluster.capacity, ...task.prerequisites, ...(target ? [target.rule] : [])],
      lifecycle: {
        ignoreChanges: ["desired_count"],
        // After a rollback the service is steady again, on its old tasks: nothing else would tell that the rollout failed.
        postcondition: [
          {
            condition: Op.eq(TerraformSelf.getString("task_definition"), task.arn),
            errorMessage:
              `The rollout of ${pathOf(this).join("/")} failed: its new tasks did not become steady, and ECS went back to ` +
              `the ones before. Look at the stopped tasks and events of the service in ECS and at the log group ` +
              `${task.logGroup}; then write the earlier image to ${this.image.name}, or mend and release again.`,
          },
        ],
      },
    });
  }

  /**
   * Has no target: EventBridge counts what a rule matches (TriggeredRules), and alarm and graph show that count. That it
   * counts for a rule without targets too, was not seen on AWS.
   */
  private placementRule(service: EcsService): string {
    const rule = new CloudwatchEventRule(this, "placement-failures", {
      name: physicalName(this, { max: 64, suffix: "placement-failures" }),
      description: `ECS found no capacity for a task of ${pathOf(this).join("/")}`,
      eventPattern: JSON.stringify({
        source: ["aws.ecs"],
        "detail-type": ["ECS Service Action"],
        resources: [service.id],
        detail: { eventName: ["SERVICE_TASK_PLACEMENT_FAILURE"] },
      }),
    });
    return rule.name;
  }
}
