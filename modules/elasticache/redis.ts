import { ElasticacheParameterGroup } from "@cdktf/provider-aws/lib/elasticache-parameter-group";
import { ElasticacheReplicationGroup } from "@cdktf/provider-aws/lib/elasticache-replication-group";
import { ElasticacheSubnetGroup } from "@cdktf/provider-aws/lib/elasticache-subnet-group";
import { Construct } from "constructs";
import { check, checkInteger } from "../checks";
import { type AlarmSpec, type Graph, type Monitored } from "../monitoring/alarm-spec";
import { PRIMARY, digest, pathOf, physicalName } from "../naming";
import { type Connectable, type Network, SecurityGroup } from "../networking";
import { cacheGraphs, nodeAlarms } from "./watch";

export interface RedisProps {
  readonly network: Network;
  /** "cache.t4g.micro"; families t3, t4g, m5 and r5 or newer. */
  readonly nodeType: string;
  /** Copies of the primary, 0 to 5. With one or more, in other zones, one takes over when the primary fails. */
  readonly replicas: number;
  /** Days that the daily snapshots are kept, 0 to 35; 0 means none. */
  readonly snapshotDays: number;
  /** A final snapshot, and no replacement or deletion by Terraform. (ElastiCache has no deletion protection.) */
  readonly protect: boolean;
  /** Parameters of the redis7 family, such as `maxmemory-policy`. @default AWS's own */
  readonly parameters?: Readonly<Record<string, string>>;
}

const PORT = 6379;
const FAMILY = "redis7";
const NODE_TYPE = /^cache\.(t(3|4g)\.(micro|small|medium)|[mr][5-9]g?\.(large|\d*xlarge))$/;

/**
 * A Redis that is encrypted at rest, speaks TLS only, and cannot be reached from outside. Who is let in by `allowFrom`
 * needs no password: ElastiCache's would stand in Terraform's state.
 */
export class Redis extends Construct implements Connectable, Monitored {
  /** "rediss://host:6379", at the primary. */
  readonly url: string;
  readonly port = PORT;
  readonly securityGroup: SecurityGroup;
  /** ElastiCache names a group's nodes itself, by number. */
  private readonly nodes: string[];

  constructor(
    scope: Construct,
    id: string,
    private readonly props: RedisProps,
  ) {
    super(scope, id);
    this.checkProps();
    const name = physicalName(this, { max: 40 });
    this.nodes = ["001", "002", "003", "004", "005", "006"].slice(0, props.replicas + 1).map((n) => `${name}-${n}`);
    this.securityGroup = new SecurityGroup(this, "access", {
      network: props.network,
      description: "The cache: who may connect to it",
      outbound: "nowhere",
    });
    const group = this.replicationGroup(name);
    this.url = `rediss://${group.primaryEndpointAddress}:${String(PORT)}`;
  }

  /** Lets others connect. */
  allowFrom(...from: Connectable[]): void {
    this.securityGroup.allowFrom(PORT, ...from);
  }

  alarms(): AlarmSpec[] {
    return this.nodes.flatMap(nodeAlarms);
  }

  graphs(): Graph[] {
    return cacheGraphs(this.nodes);
  }

  private replicationGroup(name: string): ElasticacheReplicationGroup {
    const { nodeType, replicas, snapshotDays, protect } = this.props;
    const replicated = replicas > 0;
    return new ElasticacheReplicationGroup(this, PRIMARY, {
      replicationGroupId: name,
      description: `Redis for ${name}`,
      engine: "redis",
      engineVersion: "7.1",
      autoMinorVersionUpgrade: "true",
      nodeType,
      numCacheClusters: replicas + 1,
      automaticFailoverEnabled: replicated,
      multiAzEnabled: replicated,
      port: PORT,
      subnetGroupName: this.subnetGroup(),
      securityGroupIds: [this.securityGroup.id],
      parameterGroupName: this.parameterGroup(),
      atRestEncryptionEnabled: "true",
      transitEncryptionEnabled: true,
      transitEncryptionMode: "required",
      snapshotRetentionLimit: snapshotDays,
      snapshotWindow: "02:00-03:00",
      maintenanceWindow: "sun:03:30-sun:04:30",
      // A snapshot outlives its cache: the group's id keeps the next cache of this name from wanting the same one.
      ...(protect && { finalSnapshotIdentifier: `${name}-final-${this.securityGroup.id}` }),
      // Otherwise a change would wait for the maintenance window, and show in every plan until then.
      applyImmediately: true,
      lifecycle: { preventDestroy: protect },
    });
  }

  private subnetGroup(): string {
    const group = new ElasticacheSubnetGroup(this, "subnets", {
      name: physicalName(this, { max: 255 }),
      description: "The isolated subnets",
      subnetIds: this.props.network.isolatedSubnetIds,
    });
    return group.name;
  }

  private parameterGroup(): string {
    const group = new ElasticacheParameterGroup(this, "parameters", {
      name: physicalName(this, { max: 255, suffix: digest(FAMILY) }),
      family: FAMILY,
      description: "The cache's parameters",
      parameter: Object.entries(this.props.parameters ?? {}).map(([name, value]) => ({ name, value })),
      lifecycle: { createBeforeDestroy: true },
    });
    return group.name;
  }

  private checkProps(): void {
    const { nodeType, replicas, snapshotDays, parameters = {} } = this.props;
    const what = (setting: string): string => `${pathOf(this).join("/")}: ${setting}`;
    check(this, NODE_TYPE.test(nodeType), {
      what: what("nodeType"),
      got: nodeType,
      expected: "a type of the families t3, t4g, m5 or r5 and newer, such as cache.t4g.micro or cache.r7g.large",
      fix: "Take the smallest cache.t4g.micro to begin with.",
    });
    checkInteger(this, what("replicas"), replicas, 0, 5, "Take 1 for failover to another zone.");
    checkInteger(
      this,
      what("snapshotDays"),
      snapshotDays,
      0,
      35,
      "Take 0 for a cache that can be filled again.",
      "days",
    );
    for (const name of Object.keys(parameters).filter((key) => key.startsWith("append"))) {
      check(this, false, {
        what: what(`parameters: ${name}`),
        got: parameters[name],
        expected: "no append-only file: ElastiCache has had none since Redis 2.8.22",
        fix: "Leave it out; take snapshotDays, or a replica with failover, or MemoryDB where no write may be lost.",
      });
    }
  }
}
