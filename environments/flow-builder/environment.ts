import type { CacheSize, ClusterSize, DatabaseSize, Environment, ServiceSize } from "../environment";

/** What an environment of Flow Builder says beside what every environment does. */
export interface FlowBuilderEnvironment extends Environment {
  readonly cluster: ClusterSize;
  readonly database: DatabaseSize;
  readonly cache: CacheSize;
  readonly api: ServiceSize;
  readonly worker: ServiceSize;
}
