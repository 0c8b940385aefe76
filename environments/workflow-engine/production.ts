import type { WorkflowEngineEnvironment } from "./environment";

/** What customers use: three zones, stores that fail over, tasks that scale, nothing deleted by accident; from $1,100 a month. */
export const production: WorkflowEngineEnvironment = {
  previews: false,
  protect: true,
  logRetentionDays: 90,
  network: { cidr: "10.34.0.0/16", zones: 3, nat: "per-zone", flowLogs: { retentionDays: 90 } },
  alarms: { atLeast: "warning" },
  cluster: { capacity: "on-demand" },
  database: { instanceClass: "db.r7g.large", storage: 100, maxStorage: 1000, multiAz: true, backupDays: 35 },
  cache: { nodeType: "cache.r7g.large", replicas: 1, snapshotDays: 7, durability: "replica" },
  server: { cpu: 2048, memory: 4096, tasks: { min: 3, max: 10 } },
};
