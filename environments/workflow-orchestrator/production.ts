import type { WorkflowOrchestratorEnvironment } from "./environment";

/** What customers use: a database with a standby, and nothing that is deleted by accident; about $230 a month. */
export const production: WorkflowOrchestratorEnvironment = {
  previews: false,
  protect: true,
  logRetentionDays: 90,
  network: { cidr: "10.33.0.0/16", zones: 2, nat: "single", tasks: "private", flowLogs: { retentionDays: 90 } },
  alarms: { atLeast: "warning" },
  cluster: { capacity: "on-demand" },
  database: { instanceClass: "db.t3.small", storage: 50, maxStorage: 200, multiAz: true, backupDays: 14 },
  cache: { nodeType: "cache.t3.small", replicas: 0, snapshotDays: 7, durability: "snapshots" },
  api: { cpu: 512, memory: 1024, tasks: { min: 1, max: 1 } },
  worker: { cpu: 512, memory: 1024, tasks: { min: 1, max: 1 } },
  orchestrator: { cpu: 512, memory: 1024, tasks: { min: 1, max: 1 } },
  reaper: { cpu: 512, memory: 1024, tasks: { min: 1, max: 1 } },
};
