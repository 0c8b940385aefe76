import { Construct } from "constructs";
import { checkInteger } from "../checks";
import { type Grantee, type Role } from "../iam";
import { type AlarmSpec, type Graph, type Monitored } from "../monitoring/alarm-spec";
import { PRIMARY, pathOf } from "../naming";
import { type Connectable, type SecurityGroup } from "../networking";
import { type MessageQueue } from "../sqs";
import { type FargateProps, FargateService } from "./fargate-service";
import { type ImagePointer } from "./image-pointer";
import { scaleOnLoad } from "./load-scaling";
import { scaleOnQueue } from "./queue-scaling";
import { runningTasks, serviceAlarms, serviceGraphs } from "./watch";

export interface ServiceProps extends FargateProps {
  /** The queue whose messages decide how many tasks run. @default CPU and memory decide */
  readonly scaleOn?: MessageQueue;
  /**
   * Messages of `scaleOn`, waiting or in flight, that one task is enough for: the time that a message may wait, by the
   * time that one takes. @default 10
   */
  readonly messagesPerTask?: number;
}

/**
 * A service in the background: nobody can connect to it, and a rollout whose tasks do not start goes back and fails the
 * apply. Of tasks that start, and end by themselves, ECS takes no notice: a release does (docs/adr/0039).
 */
export class Service extends Construct implements Grantee, Connectable, Monitored {
  readonly role: Role;
  readonly securityGroup: SecurityGroup;
  readonly serviceArn: string;
  /** Where its images are pushed. */
  readonly repositoryUrl: string;
  /** Names the image that it runs; `none` until the first release. */
  readonly image: ImagePointer;
  private readonly fargate: FargateService;

  constructor(scope: Construct, id: string, props: ServiceProps) {
    super(scope, id);
    const { scaleOn, messagesPerTask = 10, tasks } = props;
    const fix = "Divide the seconds that a message may wait by those that one takes.";
    checkInteger(this, `${pathOf(this).join("/")}: messagesPerTask`, messagesPerTask, 1, 100_000, fix, "messages");
    this.fargate = new FargateService(this, PRIMARY, { ...props, wakes: scaleOn !== undefined });
    this.role = this.fargate.role;
    this.securityGroup = this.fargate.securityGroup;
    this.serviceArn = this.fargate.serviceArn;
    this.repositoryUrl = props.repository.url;
    this.image = this.fargate.image;

    const { scaling, metrics } = this.fargate;
    if (tasks.min === tasks.max) return;
    if (scaleOn) scaleOnQueue(scaling, { queue: scaleOn, tasks, messagesPerTask, running: runningTasks(metrics) });
    else scaleOnLoad(scaling);
  }

  alarms(): AlarmSpec[] {
    return serviceAlarms(this.fargate.metrics);
  }

  graphs(): Graph[] {
    return serviceGraphs(this.fargate.metrics);
  }
}
