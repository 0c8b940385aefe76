import { RdsCluster } from "@cdktf/provider-aws/lib/rds-cluster";
import { RdsClusterInstance } from "@cdktf/provider-aws/lib/rds-cluster-instance";
import { RdsClusterParameterGroup } from "@cdktf/provider-aws/lib/rds-cluster-parameter-group";
import { Fn, type ITerraformDependable, Token } from "cdktf";
import { Construct } from "constructs";
import { checkInteger } from "../checks";
import { type AlarmSpec, type Graph, type Monitored } from "../monitoring/alarm-spec";
import { PRIMARY, digest, pathOf, physicalName } from "../naming";
import { type Connectable, type Network, SecurityGroup } from "../networking";
import { auroraAlarms, auroraGraphs } from "./aurora-watch";
import { type Capacity, checkCapacity } from "./capacity";
import {
  DATABASE,
  type Keeping,
  PORT,
  TLS_ONLY,
  WINDOWS,
  checkKeeping,
  isolatedSubnetGroup,
  logGroups,
  protection,
} from "./database";

export interface AuroraProps extends Keeping {
  readonly network: Network;
  /** What each instance may shrink and grow to. */
  readonly capacity: Capacity;
  /** Idle minutes after which an instance pauses, 5 to 1440; only with `capacity.min` 0. @default 5, with `capacity.min` 0 */
  readonly autoPauseMinutes?: number;
  /**
   * Instances that only read, 0 to 15, each in another zone than the one before. One takes over when the writer fails, in
   * about half a minute; without any, AWS makes a new writer first, in minutes. Each scales with the writer, and costs
   * what the writer costs. @default 0
   */
  readonly readers?: number;
  /** 1 to 35. A day's worth is free, up to the size of the database. */
  readonly backupDays: number;
}

const MASTER = "postgres";
const LOGS = ["postgresql"];
const PAUSE_MINUTES = 5;

/**
 * An Aurora PostgreSQL that scales by itself, is encrypted, speaks TLS only and cannot be reached from outside. RDS makes,
 * keeps and rotates its master login; applications have one of their own (`RotatedLogin`).
 */
export class Aurora extends Construct implements Connectable, Monitored {
  /** Where the writer answers; known only once it does, so that who uses it waits for that. */
  readonly endpoint: string;
  /** Where the readers answer, in turn; undefined without any. */
  readonly readerEndpoint?: string;
  readonly port: number;
  /** The database in the server. */
  readonly databaseName = DATABASE;
  /** The secret, JSON with `username` and `password`, that RDS rotates every week. */
  readonly masterSecretArn: string;
  readonly securityGroup: SecurityGroup;
  private readonly cluster: RdsCluster;
  private readonly capacity: Capacity;
  private readonly readers: number;

  constructor(
    scope: Construct,
    id: string,
    private readonly props: AuroraProps,
  ) {
    super(scope, id);
    const { engineVersion = "16" } = props;
    this.capacity = this.checkedCapacity();
    this.readers = this.checkedReaders();
    checkKeeping(this, props, 1);
    this.securityGroup = new SecurityGroup(this, "access", {
      network: props.network,
      description: "The database: who may connect to it",
      outbound: "nowhere",
    });
    this.cluster = this.aurora(engineVersion);
    const [writer, ...others] = this.instances();
    // RDS names an endpoint at once, and nobody answers at it before its first instance.
    this.endpoint = afterwards(this.cluster.endpoint, writer);
    const [reader] = others;
    if (reader) this.readerEndpoint = afterwards(this.cluster.readerEndpoint, reader);
    this.port = this.cluster.port;
    this.masterSecretArn = this.cluster.masterUserSecret.get(0).secretArn;
  }

  /** Lets others connect. Returns what to depend on before connecting. */
  allowFrom(...from: Connectable[]): ITerraformDependable[] {
    return this.securityGroup.allowFrom(PORT, ...from);
  }

  alarms(): AlarmSpec[] {
    const { capacity, readers } = this;
    return auroraAlarms({ identifier: this.cluster.clusterIdentifier, capacity, readers });
  }

  graphs(): Graph[] {
    return auroraGraphs(this.cluster.clusterIdentifier);
  }

  private aurora(engineVersion: string): RdsCluster {
    const { network, backupDays, protect, logRetentionDays } = this.props;
    const clusterIdentifier = physicalName(this, { max: 63 });
    return new RdsCluster(this, PRIMARY, {
      clusterIdentifier,
      engine: "aurora-postgresql",
      engineMode: "provisioned", // Serverless v2 is an instance class of it; "serverless" is the first version, which has ended.
      engineVersion,
      // A higher engineVersion in the environment is meant; RDS refuses it otherwise.
      allowMajorVersionUpgrade: true,
      serverlessv2ScalingConfiguration: this.scaling(),
      storageEncrypted: true,
      databaseName: DATABASE,
      masterUsername: MASTER,
      manageMasterUserPassword: true,
      dbSubnetGroupName: isolatedSubnetGroup(this, network),
      vpcSecurityGroupIds: [this.securityGroup.id],
      dbClusterParameterGroupName: this.parameterGroup(`aurora-postgresql${engineVersion}`),
      backupRetentionPeriod: backupDays,
      preferredBackupWindow: WINDOWS.backup,
      preferredMaintenanceWindow: WINDOWS.maintenance,
      ...protection(protect, clusterIdentifier, this.securityGroup.id),
      enabledCloudwatchLogsExports: LOGS,
      // Otherwise a change would wait for the maintenance window, and show in every plan until then.
      applyImmediately: true,
      // RDS would create the log groups itself, to be kept for ever.
      dependsOn: logGroups(this, "cluster", clusterIdentifier, LOGS, logRetentionDays),
    });
  }

  private scaling() {
    const { autoPauseMinutes = PAUSE_MINUTES } = this.props;
    const { min, max } = this.capacity;
    return {
      minCapacity: min,
      maxCapacity: max,
      ...(min === 0 && { secondsUntilAutoPause: autoPauseMinutes * 60 }),
    };
  }

  /** The first is the writer, until another has to take over: so none is named after what it is at first. */
  private instances(): RdsClusterInstance[] {
    const { isolatedZones } = this.props.network;
    const made: RdsClusterInstance[] = [];
    for (let index = 0; index <= this.readers; index++) {
      const id = `instance-${String(index + 1)}`;
      const instance = new RdsClusterInstance(this, id, {
        identifier: physicalName(this, { max: 63, suffix: id }),
        clusterIdentifier: this.cluster.id,
        engine: this.cluster.engine,
        instanceClass: "db.serverless",
        availabilityZone: isolatedZones[index % isolatedZones.length],
        autoMinorVersionUpgrade: true,
        publiclyAccessible: false,
        promotionTier: 1, // 0 and 1 are at any moment as large as the writer, so that they can take over.
        copyTagsToSnapshot: true,
        performanceInsightsEnabled: true, // Since July 2026 the console shows it as CloudWatch Database Insights.
        performanceInsightsRetentionPeriod: 7, // The days that are free.
        preferredMaintenanceWindow: WINDOWS.maintenance,
        applyImmediately: true,
        // The first that RDS has becomes the writer.
        ...(made[0] && { dependsOn: [made[0]] }),
      });
      made.push(instance);
    }
    return made;
  }

  private parameterGroup(family: string): string {
    const group = new RdsClusterParameterGroup(this, "parameters", {
      name: physicalName(this, { max: 255, suffix: digest(family) }),
      family,
      description: "TLS only",
      parameter: [TLS_ONLY],
      lifecycle: { createBeforeDestroy: true },
    });
    return group.name;
  }

  private checkedCapacity(): Capacity {
    const { capacity, autoPauseMinutes } = this.props;
    return checkCapacity(this, pathOf(this).join("/"), capacity, autoPauseMinutes) ? capacity : { min: 0.5, max: 1 };
  }

  private checkedReaders(): number {
    const { readers = 0 } = this.props;
    const what = `${pathOf(this).join("/")}: readers`;
    return checkInteger(this, what, readers, 0, 15, "Aurora has one writer, and 15 readers at most.") ? readers : 0;
  }
}

/** A value that is known only once a resource is there. */
function afterwards(value: string, resource: RdsClusterInstance | undefined): string {
  return resource ? Token.asString(Fn.element([value, resource.id], 0)) : value;
}
