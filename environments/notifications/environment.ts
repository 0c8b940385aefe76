import type { ClusterSize, Environment, ServiceSize } from "../environment";

/** From a time on, how many tasks there are; 0 and 0 lets none run until the next time. */
export interface Times {
  /** "cron(0 20 ? * MON-FRI *)". */
  readonly expression: string;
  /** The IANA time zone that it means: "Europe/Berlin". */
  readonly timezone: string;
  readonly min: number;
  readonly max: number;
}

/** What an environment of Notifications says beside what every environment does. */
export interface NotificationsEnvironment extends Environment {
  readonly cluster: ClusterSize;
  readonly database: {
    /** Aurora capacity units, 0 to 256 in halves: what is always paid (0.5 are about $44 a month), and the most. */
    readonly capacity: { readonly min: number; readonly max: number };
    /** Instances in other zones that read, and take over when the writer fails; each costs what the writer costs. */
    readonly readers: number;
    /** Days of point-in-time recovery, 1 to 35. */
    readonly backupDays: number;
    /** Days between two rotations of the application's login, 1 to 1000. */
    readonly rotateEvery: number;
  };
  readonly loadBalancer: {
    /** Records of every request, in a bucket of its own. @default none */
    readonly accessLogs?: { readonly retentionDays: number };
  };
  readonly api: ServiceSize & {
    readonly logLevel: "debug" | "info" | "warn" | "error";
    /** Requests a minute that each task gets before another is added. */
    readonly requestsPerTarget: number;
    /** Other numbers of tasks from certain times on. @default none */
    readonly schedule?: Readonly<Record<string, Times>>;
  };
  readonly worker: {
    /** MiB; CPU comes with it. */
    readonly memory: number;
    /** Seconds that a batch of ten may take, 60 to 300. */
    readonly timeout: number;
    /** Runs at a time, 2 to 1000, kept for it alone: what the database gets at most. Needs an account's quota of 1000. */
    readonly reservedConcurrency: number;
    /** Whether X-Ray records where runs spend their time. */
    readonly tracing: boolean;
  };
}
