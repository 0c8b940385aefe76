import { ElasticacheParameterGroup } from "@cdktf/provider-aws/lib/elasticache-parameter-group";
import { ElasticacheReplicationGroup } from "@cdktf/provider-aws/lib/elasticache-replication-group";
import { ElasticacheSubnetGroup } from "@cdktf/provider-aws/lib/elasticache-subnet-group";
import { Construct } from "constructs";
import { check, checkInteger } from "../checks";
import { type Grantee } from "../iam";
import { type AlarmSpec, type Graph, type Monitored } from "../monitoring/alarm-spec";
import { PRIMARY, digest, pathOf, physicalName } from "../naming";
import { type Connectable, type Network, SecurityGroup } from "../networking";
import { type Durability, checkDurability, checkNoAppendOnlyFile } from "./durability";
import { type IamUsers, LONGEST_ID, iamUsers } from "./users";
import { type CacheNodes, cacheAlarms, cacheGraphs } from "./watch";

export interface RedisProps {
  readonly network: Network;
  /**
   * How those who are let in sign in. "iam": as `user`, with a token that their own role signs (docs/redis-iam.md); their
   * client must be able to make one. "none": not at all, the security group is the only guard.
   */
  readonly authentication: "iam" | "none";
  /** "cache.t4g.micro"; families t3, t4g, and m and r from 5 to 7g. */
  readonly nodeType: string;
  /** Copies of the primary, 0 to 5. With one or more, in other zones, one takes over when the primary fails. */
  readonly replicas: number;
  /** Days that the daily snapshots are kept, 0 to 35; 0 means none. */
  readonly snapshotDays: number;
  /** What outlives the death of a node. `replicas` and `snapshotDays` must keep the promise. */
  readonly durability: Durability;
  /** A final snapshot, and no replacement or deletion by Terraform. (ElastiCache has no deletion protection.) */
  readonly protect: boolean;
  /**
   * Parameters of the redis7 family. `maxmemory-policy` says what happens when memory is full: AWS's "volatile-lru" evicts keys
   * that expire; a queue wants "noeviction", which refuses writes. @default AWS's own
   */
  readonly parameters?: Readonly<Record<string, string>>;
}

const PORT = 6379;
const FAMILY = "redis7";
/**
 * Those of Redis that keep all in memory, not on disks as r6gd does. One that is new at AWS is added here.
 * https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/CacheNodes.SupportedTypes.html
 */
const NODE_TYPE =
  /^cache\.(t(3|4g)\.(micro|small|medium)|[mr]5\.(large|(|2|4|12|24)xlarge)|[mr][67]g\.(large|(|2|4|8|12|16)xlarge))$/;
const POLICY = /^(noeviction|(allkeys|volatile)-(lru|lfu|random)|volatile-ttl)$/;

/**
 * A Redis that is encrypted at rest, speaks TLS only, and cannot be reached from outside. It has no password, which would
 * stand in Terraform's state: who is let in by `allowFrom` signs in by IAM, or not at all.
 */
export class Redis extends Construct implements Connectable, Monitored {
  /** The replication group's id, which a token is signed for. */
  readonly name: string;
  /** "rediss://host:6379", at the primary. */
  readonly url: string;
  /** The same as "host:6379". */
  readonly address: string;
  /** Whom clients sign in as; Redis's own "default" where nobody signs in. */
  readonly user: string;
  readonly port = PORT;
  readonly securityGroup: SecurityGroup;
  private readonly nodes: CacheNodes;
  private readonly arn: string;
  private readonly users?: IamUsers;

  constructor(
    scope: Construct,
    id: string,
    private readonly props: RedisProps,
  ) {
    super(scope, id);
    this.checkProps();
    const name = physicalName(this, { max: LONGEST_ID });
    this.securityGroup = new SecurityGroup(this, "access", {
      network: props.network,
      description: "The cache: who may connect to it",
      outbound: "nowhere",
    });
    if (props.authentication === "iam") this.users = iamUsers(this);
    const group = this.replicationGroup(name);
    this.name = group.replicationGroupId;
    this.nodes = this.nodesOf(group);
    this.arn = group.arn;
    this.address = `${group.primaryEndpointAddress}:${String(PORT)}`;
    this.url = `rediss://${this.address}`;
    this.user = this.users?.user.name ?? "default";
  }

  /** Lets others connect. */
  allowFrom(...from: Connectable[]): void {
    this.securityGroup.allowFrom(PORT, ...from);
  }

  /** Lets others sign in as `user`, with tokens of their role. They must be let in by `allowFrom` too. */
  grantConnect(...to: Grantee[]): void {
    const { users } = this;
    check(this, users !== undefined, {
      what: this.what("grantConnect"),
      got: `authentication: ${JSON.stringify(this.props.authentication)}`,
      expected: 'a cache with authentication: "iam"',
      fix: "Leave the grant out, since nobody signs in to this cache, or have it ask IAM.",
    });
    if (users === undefined) return;
    const statement = { actions: ["elasticache:Connect"], resources: [this.arn, users.user.arn] };
    for (const { role } of to) role.allow(`${pathOf(this).join("-")}-connect`, statement);
  }

  alarms(): AlarmSpec[] {
    return cacheAlarms(this.nodes);
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
      ...(this.users && { userGroupIds: [this.users.group] }),
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

  /** ElastiCache names a group's nodes itself, by number. The group's own id has their alarms wait for it: its silence is one. */
  private nodesOf({ replicationGroupId: name }: ElasticacheReplicationGroup): CacheNodes {
    const { nodeType: type, replicas, parameters = {} } = this.props;
    const numbers = ["001", "002", "003", "004", "005", "006"].slice(0, replicas + 1);
    const keepsAll = parameters["maxmemory-policy"] === "noeviction";
    return { ids: numbers.map((number) => `${name}-${number}`), type, keepsAll };
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
    const { authentication, nodeType, replicas, snapshotDays, parameters = {} } = this.props;
    const what = this.what.bind(this);
    check(this, ["iam", "none"].includes(authentication), {
      what: what("authentication"),
      got: authentication,
      expected: '"iam" or "none"',
      fix: 'Take "iam" where the client can make tokens of IAM; a password would stand in the state.',
    });
    check(this, NODE_TYPE.test(nodeType), {
      what: what("nodeType"),
      got: nodeType,
      expected: "a type of the families t3, t4g, m5 or r5, m6g or r6g, m7g or r7g, such as cache.t4g.micro",
      fix: "Take the smallest, cache.t4g.micro, to begin with. One that is new at AWS belongs in modules/elasticache/redis.ts.",
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
    checkDurability(this, what, this.props);
    checkNoAppendOnlyFile(this, what, parameters);
    const { "maxmemory-policy": policy } = parameters;
    check(this, policy === undefined || POLICY.test(policy), {
      what: what("parameters: maxmemory-policy"),
      got: policy,
      expected: "noeviction, volatile-ttl, or allkeys- or volatile- with lru, lfu or random",
      fix: "Take noeviction for what must not be forgotten, allkeys-lru for a cache.",
    });
  }

  private what(setting: string): string {
    return `${pathOf(this).join("/")}: ${setting}`;
  }
}
