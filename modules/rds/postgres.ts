import { DbInstance } from "@cdktf/provider-aws/lib/db-instance";
import { DbParameterGroup } from "@cdktf/provider-aws/lib/db-parameter-group";
import { Construct } from "constructs";
import { check, checkInteger } from "../checks";
import { type AlarmSpec, type Graph, type Monitored } from "../monitoring/alarm-spec";
import { PRIMARY, digest, pathOf, physicalName } from "../naming";
import { type Connectable, type Network, SecurityGroup } from "../networking";
import { GeneratedPassword, Secret } from "../secrets";
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
import { memoryOf } from "./instance-class";
import { databaseAlarms, databaseGraphs } from "./watch";

export interface PostgresProps extends Keeping {
  readonly network: Network;
  /** "db.t4g.micro"; families t3, t4g, and those of m and r from m5 and r5 to m8g and r8g. */
  readonly instanceClass: string;
  /** GiB to start with, from 20 (gp3's least) to 59578. */
  readonly storage: number;
  /** GiB up to which RDS enlarges the storage when it runs full; it never shrinks. @default four times `storage`, 65536 at most */
  readonly maxStorage?: number;
  /** A standby in a second zone that takes over by itself; doubles the price. */
  readonly multiAz: boolean;
  /** 0 to 35; 0 means no backups. */
  readonly backupDays: number;
  /**
   * Raise it by one for a new password. What reads `url` is updated after it, and its tasks replaced; until then the old
   * ones can open no new connection, for minutes. @default 1
   */
  readonly passwordVersion?: number;
}

/** GiB: RDS's least and most of gp3. */
const STORAGE = { least: 20, most: 65_536 };
/** Percent of the storage: RDS wants room for one enlargement, which is of 10 % at least. */
const ENLARGED = 110;

const USER = "app";
const LOGS = ["postgresql", "upgrade"];

/** A PostgreSQL database that is encrypted, speaks TLS only, cannot be reached from outside, and whose login only Secrets Manager knows. */
export class Postgres extends Construct implements Connectable, Monitored {
  /** "host:port". */
  readonly endpoint: string;
  /** The login that `url` has too. */
  readonly user = USER;
  /** The database in the server. */
  readonly database = DATABASE;
  /** The login's password alone, for what takes no URL. */
  readonly password: Secret;
  /** Holds `DATABASE_URL`, ready to use; the client needs RDS's certificate authority to verify the connection. */
  readonly url: Secret;
  readonly port = PORT;
  readonly securityGroup: SecurityGroup;
  private readonly instance: DbInstance;

  constructor(
    scope: Construct,
    id: string,
    private readonly props: PostgresProps,
  ) {
    super(scope, id);
    const { engineVersion = "16", passwordVersion: version = 1, protect } = props;
    this.checkProps();
    this.securityGroup = new SecurityGroup(this, "access", {
      network: props.network,
      description: "The database: who may connect to it",
      outbound: "nowhere",
    });
    const password = new GeneratedPassword(this, "password", {
      description: "The database's password alone; DATABASE_URL has it too",
      version,
      protect,
    });
    this.password = password.secret;
    this.instance = this.instanceOf(engineVersion, password.value, version);
    this.endpoint = this.instance.endpoint;
    // The endpoint needs no version of its own: it stays the same for as long as the identifier does.
    this.url = new Secret(this, "url", {
      description: "DATABASE_URL",
      value: `postgresql://${USER}:${password.value}@${this.instance.address}:${String(PORT)}/${DATABASE}?sslmode=verify-full`,
      version,
      protect,
    });
  }

  /** Lets others connect. */
  allowFrom(...from: Connectable[]): void {
    this.securityGroup.allowFrom(PORT, ...from);
  }

  alarms(): AlarmSpec[] {
    const { instanceClass, storage } = this.props;
    return databaseAlarms({ identifier: this.instance.identifier, memory: memoryOf(instanceClass) ?? 1, storage });
  }

  graphs(): Graph[] {
    return databaseGraphs(this.instance.identifier);
  }

  private instanceOf(engineVersion: string, passwordWo: string, passwordWoVersion: number): DbInstance {
    const { instanceClass, storage, maxStorage = grown(storage), protect } = this.props;
    const identifier = physicalName(this, { max: 63 });
    return new DbInstance(this, PRIMARY, {
      identifier,
      engine: "postgres",
      engineVersion,
      autoMinorVersionUpgrade: true,
      // A higher engineVersion in the environment is meant; RDS refuses it otherwise.
      allowMajorVersionUpgrade: true,
      instanceClass,
      multiAz: this.props.multiAz,
      storageType: "gp3",
      allocatedStorage: storage,
      maxAllocatedStorage: maxStorage,
      storageEncrypted: true,
      dbName: DATABASE,
      username: USER,
      passwordWo,
      passwordWoVersion,
      port: PORT,
      publiclyAccessible: false,
      dbSubnetGroupName: isolatedSubnetGroup(this, this.props.network),
      vpcSecurityGroupIds: [this.securityGroup.id],
      parameterGroupName: this.parameterGroup(`postgres${engineVersion}`),
      backupRetentionPeriod: this.props.backupDays,
      backupWindow: WINDOWS.backup,
      maintenanceWindow: WINDOWS.maintenance,
      ...protection(protect, identifier, this.securityGroup.id),
      enabledCloudwatchLogsExports: LOGS,
      performanceInsightsEnabled: true, // Since July 2026 the console shows it as CloudWatch Database Insights.
      performanceInsightsRetentionPeriod: 7, // The days that are free.
      // Otherwise a change would wait for the maintenance window, and show in every plan until then.
      applyImmediately: true,
      // RDS would create the log groups itself, to be kept for ever.
      dependsOn: logGroups(this, "instance", identifier, LOGS, this.props.logRetentionDays),
    });
  }

  private parameterGroup(family: string): string {
    const group = new DbParameterGroup(this, "parameters", {
      name: physicalName(this, { max: 255, suffix: digest(family) }),
      family,
      description: "TLS only",
      parameter: [TLS_ONLY],
      lifecycle: { createBeforeDestroy: true },
    });
    return group.name;
  }

  private checkProps(): void {
    const { instanceClass, storage, maxStorage } = this.props;
    const what = (setting: string): string => `${pathOf(this).join("/")}: ${setting}`;
    checkKeeping(this, this.props, 0);
    check(this, memoryOf(instanceClass) !== undefined, {
      what: what("instanceClass"),
      got: instanceClass,
      expected: "a class of the families t3, t4g, m5 to m8g or r5 to r8g, such as db.t4g.micro or db.r7g.large",
      fix: "Take the smallest db.t4g.micro to begin with. One that is new at AWS belongs in modules/rds/instance-class.ts.",
    });
    const { least, most } = STORAGE;
    const largest = Math.floor((most * 100) / ENLARGED);
    const small = "20 is gp3's least; it grows by itself, up to maxStorage.";
    if (checkInteger(this, what("storage"), storage, least, largest, small, "GiB")) {
      const fix = "Leave it out for four times the storage.";
      const room = Math.ceil((storage * ENLARGED) / 100);
      checkInteger(this, what("maxStorage"), maxStorage ?? grown(storage), room, most, fix, "GiB");
    }
  }
}

function grown(storage: number): number {
  return Math.min(4 * storage, STORAGE.most);
}
