import type { CacheSize, ClusterSize, DatabaseSize, Environment, ServiceSize } from "../environment";

/** What an environment of Workflow Orchestrator says beside what every environment does. It has no staging. */
export interface WorkflowOrchestratorEnvironment extends Environment {
  readonly cluster: ClusterSize;
  readonly database: DatabaseSize;
  readonly cache: CacheSize;
  readonly api: ServiceSize;
  readonly worker: ServiceSize;
  readonly orchestrator: ServiceSize;
  readonly reaper: ServiceSize;
}
