/** The account that an environment lives in, and what in it is made outside of Groundplan. */
export interface Account {
  /** The 12 digits. */
  readonly id: string;
  readonly region: string;
  /** Who is told by e-mail when an alarm goes off; AWS asks the address to confirm. @default nobody */
  readonly alarmEmail?: string;
  /**
   * The domain below which each deployment's API has its name, `fb.example.com`, and one of: the id of the public hosted
   * zone in Route 53 that it is in (certificates and records are made there), the ARN of an ACM certificate for
   * `*.example.com` in the same region. Environments need domains of their own. @default none: HTTP only, and AWS's own names
   */
  readonly https?: { readonly domain: string; readonly hostedZoneId?: string; readonly certificateArn?: string };
}

/** What the environments of every system say. */
export interface Environment {
  /** Whether a branch may have a copy of this environment of its own, under a prefix such as `fb-42`. */
  readonly previews: boolean;
  /**
   * Whether what holds data resists its deletion: deletion protection, final snapshots, backups kept on delete,
   * secrets recoverable for 30 days.
   */
  readonly protect: boolean;
  /** Days that logs are kept; CloudWatch takes 1, 3, 5, 7, 14, 30, 60, 90, … About $0.03 a GB and month. */
  readonly logRetentionDays: number;
  readonly network: {
    /** The VPC's range, a private /16 to /22. Environments that may be peered must differ. */
    readonly cidr: string;
    /** Availability zones, 2 or 3. */
    readonly zones: number;
    /**
     * How the private subnets reach the internet. NAT gateways cost about $33 a month each, plus $0.045 a GB: "single" is
     * down while its zone is. An "instance" costs about $7, and is down for minutes now and then: dev.
     */
    readonly nat: "none" | "instance" | "single" | "per-zone";
    /**
     * Where tasks run: behind NAT, or in the public subnets with an address each ($3.65 a month), which needs no NAT and
     * leaves no place for functions. @default "private"
     */
    readonly tasks?: "private" | "public";
    /** Records of who talked to whom, to CloudWatch Logs, about $0.50 a GB. @default none */
    readonly flowLogs?: { readonly retentionDays: number };
  };
  /** Which alarms there are; they go to the account's `alarmEmail`. @default none */
  readonly alarms?: {
    /** "critical": only what wakes somebody at night; "warning": all of them. */
    readonly atLeast: "critical" | "warning";
  };
}

/** How many copies of a service run: the load decides between the two. A `min` of 0 sleeps when idle (dev only). */
export interface Tasks {
  readonly min: number;
  readonly max: number;
}

/** A Fargate service's size: CPU units (1024 are one vCPU) and MiB, a pair that Fargate offers, and its copies. */
export interface ServiceSize {
  readonly cpu: number;
  readonly memory: number;
  readonly tasks: Tasks;
}

/** What an ECS cluster's tasks run on. */
export interface ClusterSize {
  /** "spot" costs about 70 % less; AWS takes tasks back with two minutes' notice and may have none to give. */
  readonly capacity: "spot" | "on-demand";
}

/** An RDS PostgreSQL instance. */
export interface DatabaseSize {
  readonly instanceClass: string;
  /** GiB at the start; gp3 starts at 20. */
  readonly storage: number;
  /** GiB that storage may grow to by itself. */
  readonly maxStorage: number;
  /** A standby in another zone, at twice the price. */
  readonly multiAz: boolean;
  /** Days of point-in-time recovery, 0 to 35. */
  readonly backupDays: number;
}

/** An ElastiCache Redis. */
export interface CacheSize {
  readonly nodeType: string;
  /** Copies in other zones, 0 to 5; with one or more a failed node is replaced in about a minute. */
  readonly replicas: number;
  /** Days that daily snapshots are kept, 0 to 35; 0 makes none. */
  readonly snapshotDays: number;
  /**
   * What outlives a failed node: "none" of it; the state of the last of the "snapshots", which is up to a day old; or, on a
   * "replica", all but the writes of the last moment. ElastiCache has no append-only file.
   */
  readonly durability: "none" | "snapshots" | "replica";
}
