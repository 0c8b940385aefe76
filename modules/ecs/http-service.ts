import { LbTargetGroup } from "@cdktf/provider-aws/lib/lb-target-group";
import { Construct } from "constructs";
import { check, checkInteger } from "../checks";
import { type Grantee, type Role } from "../iam";
import { type AlarmSpec, type Graph, type Monitored } from "../monitoring/alarm-spec";
import { PRIMARY, digest, pathOf, physicalName } from "../naming";
import { type Connectable, type SecurityGroup } from "../networking";
import { type FargateProps, FargateService } from "./fargate-service";
import { type ImagePointer } from "./image-pointer";
import { type LoadBalancer } from "./load-balancer";
import { type HttpLoad, checkLoad, scaleOnLoad, scaleOnRequests } from "./load-scaling";
import { type TargetMetrics, serviceAlarms, serviceGraphs, targetAlarms, targetGraphs } from "./watch";

export interface HttpServiceProps extends FargateProps {
  /** What takes its requests from the internet. */
  readonly loadBalancer: LoadBalancer;
  /** The port that it listens on, HTTP, 1024 or above. */
  readonly port: number;
  /** What decides how many tasks run, all together: tasks are added when one asks for it, removed when all do. @default CPU and memory */
  readonly scaleOn?: HttpLoad;
  /** Where it answers 200 when it can take requests: "/health". A task that does not is replaced. */
  readonly healthPath: string;
}

/**
 * Seconds that a task which is about to stop still gets to finish its requests. ECS takes a task out of the load
 * balancer first, waits this long, and only then sends SIGTERM; when AWS takes a Spot task back, SIGTERM comes at the
 * same time. So a task that goes on answering after SIGTERM until nothing comes any more drops no request: `stopTimeout` (120 s) lets it.
 */
const DEREGISTRATION_DELAY = 30;
/** Seconds: a new task counts as healthy after 20, a broken one as unhealthy after 30. */
const HEALTH_CHECK = { interval: 10, timeout: 5, healthyThreshold: 2, unhealthyThreshold: 3 };
/** Seconds that a task may take until it answers. */
const HEALTH_CHECK_GRACE = 120;

/**
 * A service behind a load balancer, which alone can connect to it; a deploy drops no request. With `tasks.min` 0 (dev
 * only) it sleeps when nobody calls for half an hour, and the next callers get a 503 for a minute or two, until a task runs.
 */
export class HttpService extends Construct implements Grantee, Connectable, Monitored {
  readonly role: Role;
  readonly securityGroup: SecurityGroup;
  readonly serviceArn: string;
  /** Where it answers; "http://" if its load balancer has no certificate. */
  readonly url: string;
  /** What an output should say of the URL: that it is plain HTTP; empty with HTTPS. */
  readonly urlNote: string;
  /** Where its images are pushed. */
  readonly repositoryUrl: string;
  /** Names the image that it runs; `none` until the first release. */
  readonly image: ImagePointer;
  private readonly fargate: FargateService;
  private readonly target: TargetMetrics;

  constructor(
    scope: Construct,
    id: string,
    private readonly props: HttpServiceProps,
  ) {
    super(scope, id);
    const { loadBalancer, port, tasks, repository, healthPath, scaleOn = {}, stopTimeout = 120 } = props;
    checkLoad(this, pathOf(this).join("/"), scaleOn);
    check(this, typeof healthPath === "string" && /^\/[^\s]{0,1023}$/.test(healthPath), {
      what: `${pathOf(this).join("/")}: healthPath`,
      got: healthPath,
      expected: "a path that begins with /",
      fix: "Answer 200 at /health, say, when the service can take requests.",
    });
    checkInteger(
      this,
      `${pathOf(this).join("/")}: stopTimeout`,
      stopTimeout,
      DEREGISTRATION_DELAY,
      120,
      "A task must be able to answer for as long as the load balancer sends requests to it.",
      "seconds",
    );
    const group = this.targetGroup();
    const rule = loadBalancer.forward(this, group.arn);
    this.fargate = new FargateService(this, PRIMARY, {
      ...props,
      wakes: true,
      target: { groupArn: group.arn, port, healthCheckGrace: HEALTH_CHECK_GRACE, rule },
    });
    this.role = this.fargate.role;
    this.securityGroup = this.fargate.securityGroup;
    this.serviceArn = this.fargate.serviceArn;
    this.securityGroup.allowFrom(port, loadBalancer);
    loadBalancer.securityGroup.allowTo(port, this);
    this.url = loadBalancer.url;
    this.urlNote = loadBalancer.urlNote;
    this.repositoryUrl = repository.url;
    this.image = this.fargate.image;
    this.target = { loadBalancer: loadBalancer.metricName, targetGroup: group.arnSuffix };

    const { scaling, metrics } = this.fargate;
    if (tasks.min === 0) scaleOnRequests(scaling, { ...metrics, ...this.target }, scaleOn);
    else if (tasks.min !== tasks.max) scaleOnLoad(scaling, scaleOn, this.target);
  }

  alarms(): AlarmSpec[] {
    const { metrics } = this.fargate;
    return [...targetAlarms({ ...metrics, ...this.target }), ...serviceAlarms(metrics)];
  }

  graphs(): Graph[] {
    return [...targetGraphs(this.target), ...serviceGraphs(this.fargate.metrics)];
  }

  private targetGroup(): LbTargetGroup {
    const { network, port, healthPath } = this.props;
    const replacing = { port, protocol: "HTTP", targetType: "ip" };
    return new LbTargetGroup(this, "target-group", {
      ...replacing,
      vpcId: network.vpcId,
      // A listener holds on to its group, so a new one is made first, and needs another name.
      name: physicalName(this, { max: 32, suffix: digest(replacing, network.cidr) }),
      lifecycle: { createBeforeDestroy: true },
      deregistrationDelay: String(DEREGISTRATION_DELAY),
      loadBalancingAlgorithmType: "least_outstanding_requests", // A new task is not given as much as one that is warm.
      healthCheck: {
        ...HEALTH_CHECK,
        enabled: true,
        path: healthPath,
        matcher: "200",
        protocol: "HTTP",
        port: "traffic-port",
      },
    });
  }
}
