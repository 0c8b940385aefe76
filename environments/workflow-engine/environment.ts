import type { CacheSize, ClusterSize, DatabaseSize, Environment, ServiceSize } from "../environment";

/** What an environment of Workflow Engine says beside what every environment does. */
export interface WorkflowEngineEnvironment extends Environment {
  readonly cluster: ClusterSize;
  readonly database: DatabaseSize;
  readonly cache: CacheSize;
  readonly server: ServiceSize;
}
