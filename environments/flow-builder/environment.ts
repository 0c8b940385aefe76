import type { Environment, ServiceSize } from "../environment";

/** What an environment of Flow Builder says beside what every environment does. */
export interface FlowBuilderEnvironment extends Environment {
  readonly cluster: {
    /** "spot" costs about 70 % less; AWS takes tasks back with two minutes' notice and may have none to give. */
    readonly capacity: "spot" | "on-demand";
  };
  readonly database: {
    readonly instanceClass: string;
    /** GiB at the start; gp3 starts at 20. */
    readonly storage: number;
    /** GiB that storage may grow to by itself. */
    readonly maxStorage: number;
    /** A standby in another zone, at twice the price. */
    readonly multiAz: boolean;
    /** Days of point-in-time recovery, 0 to 35. */
    readonly backupDays: number;
  };
  readonly cache: {
    readonly nodeType: string;
    /** Copies in other zones, 0 to 5; with one or more a failed node is replaced in about a minute. */
    readonly replicas: number;
    /** Days that daily snapshots are kept, 0 to 35; 0 makes none. */
    readonly snapshotDays: number;
  };
  readonly api: ServiceSize;
  readonly worker: ServiceSize;
}
