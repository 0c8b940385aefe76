import { CloudwatchLogGroup } from "@cdktf/provider-aws/lib/cloudwatch-log-group";
import { EcsTaskDefinition } from "@cdktf/provider-aws/lib/ecs-task-definition";
import { Fn, type ITerraformDependable, TerraformResource } from "cdktf";
import { Construct } from "constructs";
import { check, checkInteger } from "../checks";
import { type Repository } from "../ecr";
import { Role } from "../iam";
import { checkLogRetention } from "../monitoring/log-retention";
import { PRIMARY, pathOf, physicalName } from "../naming";
import { regionOf } from "../naming/arn";
import { type ReadableSecret } from "../secrets";
import { checkFargateSize } from "./fargate-size";
import { type ImagePointer } from "./image-pointer";

/** What runs in a task, and how large it is. */
export interface TaskProps {
  /** Where the service's images are. They must be built for linux/arm64. */
  readonly repository: Repository;
  /** CPU units; 1024 are one vCPU. */
  readonly cpu: number;
  /** MiB. Fargate offers certain pairs with `cpu` only. */
  readonly memory: number;
  /** What the container runs: its image's entry point gets these as arguments. @default the image's own */
  readonly command?: readonly string[];
  /** The container's environment; no secrets, which everybody would see who may see the task definition. @default none */
  readonly environment?: Readonly<Record<string, string>>;
  /** Secrets that the container gets as environment variables, by their names. It sees a new value when it starts anew. @default none */
  readonly secrets?: Readonly<Record<string, ReadableSecret>>;
  /** Days that its log is kept. */
  readonly logRetentionDays: number;
  /** Seconds from SIGTERM to SIGKILL, 2 to 120; a task that ends sooner is not waited for. @default 120, Fargate's longest */
  readonly stopTimeout?: number;
}

export interface TaskDefinitionProps extends TaskProps {
  /** The service or task, which the container and the log are named after. */
  readonly of: Construct;
  readonly image: ImagePointer;
  /** What the container may do. */
  readonly role: Role;
  /** The port that it listens on. @default none */
  readonly port?: number;
}

/** ARM costs 20 % less than x86 on Fargate, and is there on Spot too. Images must be built for it. */
const ARCHITECTURE = "ARM64";
/** Any user but root; the first ordinary one of most base images ("node"). */
const USER = "1000:1000";
/**
 * The only folder that can be written to, on the task's own disk of 20 GiB; gone with the task. It belongs to root
 * unless the image says otherwise: `RUN chmod 1777 /tmp` and `VOLUME /tmp`.
 */
const SCRATCH = { name: "tmp", path: "/tmp" };
const VARIABLE = /^[A-Za-z_][A-Za-z0-9_]*$/;

/**
 * A task of one container that is not root, cannot change its own file system but `/tmp`, and has no Linux capability;
 * it gets its secrets from Secrets Manager when it starts.
 */
export class TaskDefinition extends Construct {
  readonly arn: string;
  /** What its revisions have in common. */
  readonly family: string;
  readonly containerName: string;
  readonly logGroup: string;
  /** What a task needs in order to start: AWS checks these permissions only then. */
  readonly prerequisites: readonly ITerraformDependable[];

  constructor(
    scope: Construct,
    id: string,
    private readonly props: TaskDefinitionProps,
  ) {
    super(scope, id);
    const { of, image, role } = props;
    this.checkProps();
    this.containerName = pathOf(of).join("-");
    this.logGroup = `/ecs/${physicalName(of, { max: 255 })}`;
    const executionRole = new Role(this, "execution-role", {
      service: "ecs-tasks.amazonaws.com",
      description: `Starts the tasks of ${pathOf(of).join("/")}: image, secrets, log`,
    });
    this.prerequisites = this.permissions(executionRole);

    const task = new EcsTaskDefinition(this, PRIMARY, {
      family: physicalName(this, { max: 255 }),
      containerDefinitions: Fn.jsonencode([this.container()]),
      cpu: String(props.cpu),
      memory: String(props.memory),
      networkMode: "awsvpc",
      requiresCompatibilities: ["FARGATE"],
      runtimePlatform: { cpuArchitecture: ARCHITECTURE, operatingSystemFamily: "LINUX" },
      executionRoleArn: executionRole.arn,
      taskRoleArn: role.arn,
      volume: [{ name: SCRATCH.name }],
      // Earlier revisions stay, so that ECS and a release can go back to them; they cost nothing.
      skipDestroy: true,
      lifecycle: { precondition: [image.precondition()] },
    });
    this.arn = task.arn;
    this.family = task.family;
  }

  /** Every default that AWS fills in is written out: what is missing here and present there would differ at every plan. */
  private container() {
    const { command, environment = {}, secrets = {}, stopTimeout = 120, port } = this.props;
    return {
      name: this.containerName,
      image: this.props.image.image,
      essential: true,
      ...(command && { command }),
      cpu: 0,
      user: USER,
      readonlyRootFilesystem: true,
      linuxParameters: {
        capabilities: { add: [], drop: ["ALL"] },
        initProcessEnabled: true, // Passes signals on and reaps orphans, which hardly any application does as process 1.
      },
      stopTimeout,
      portMappings: port === undefined ? [] : [{ containerPort: port, hostPort: port, protocol: "tcp" }],
      environment: sorted(environment).map(([name, value]) => ({ name, value })),
      secrets: sorted(secrets).map(([name, secret]) => ({ name, valueFrom: secret.valueFrom })),
      mountPoints: [{ sourceVolume: SCRATCH.name, containerPath: SCRATCH.path, readOnly: false }],
      volumesFrom: [],
      systemControls: [],
      logConfiguration: {
        logDriver: "awslogs",
        options: {
          "awslogs-group": this.logGroup,
          "awslogs-region": regionOf(this),
          "awslogs-stream-prefix": this.containerName,
          // Rather lose lines than stand still while CloudWatch cannot be reached.
          mode: "non-blocking",
          "max-buffer-size": "25m",
        },
      },
    };
  }

  private permissions(executionRole: Role): readonly ITerraformDependable[] {
    const { repository, secrets = {}, logRetentionDays } = this.props;
    const logs = new CloudwatchLogGroup(this, "logs", { name: this.logGroup, retentionInDays: logRetentionDays });
    executionRole.allow("write-logs", {
      actions: ["logs:CreateLogStream", "logs:PutLogEvents"],
      resources: [`${logs.arn}:log-stream:*`],
    });
    repository.grantPullTo(executionRole);
    for (const secret of new Set(Object.values(secrets))) secret.grantReadTo(executionRole);
    return [logs, ...executionRole.node.findAll().filter((node) => TerraformResource.isTerraformResource(node))];
  }

  private checkProps(): void {
    const { of, cpu, memory, environment = {}, secrets = {}, stopTimeout = 120, logRetentionDays, port } = this.props;
    const what = pathOf(of).join("/");
    checkFargateSize(this, what, cpu, memory);
    checkLogRetention(this, `${what}: logRetentionDays`, logRetentionDays);
    checkInteger(this, `${what}: stopTimeout`, stopTimeout, 2, 120, "These are Fargate's limits.", "seconds");
    if (port !== undefined) {
      checkInteger(this, `${what}: port`, port, 1024, 65_535, "Lower ports are root's, and the container is not root.");
    }
    for (const name of [...Object.keys(environment), ...Object.keys(secrets)]) {
      check(this, VARIABLE.test(name), {
        what: `${what}: environment and secrets`,
        got: name,
        expected: "names of letters, digits and _",
        fix: "Rename the variable.",
      });
    }
    const twice = Object.keys(environment).filter((name) => Object.hasOwn(secrets, name));
    check(this, twice.length === 0, {
      what: `${what}: environment and secrets`,
      got: twice,
      expected: "each name once",
      fix: "ECS refuses a variable that is in both: keep the secret.",
    });
  }
}

function sorted<T>(of: Readonly<Record<string, T>>): [string, T][] {
  return Object.entries(of).sort(([a], [b]) => (a < b ? -1 : 1));
}
