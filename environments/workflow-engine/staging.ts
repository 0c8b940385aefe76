import type { WorkflowEngineEnvironment } from "./environment";

/** The shape of production at a smaller size, protected like it: about $200 a month. */
export const staging: WorkflowEngineEnvironment = {
  previews: false,
  protect: true,
  logRetentionDays: 30,
  network: { cidr: "10.24.0.0/16", zones: 2, nat: "single" },
  alarms: { atLeast: "warning" },
  cluster: { capacity: "on-demand" },
  database: { instanceClass: "db.t3.small", storage: 50, maxStorage: 200, multiAz: true, backupDays: 7 },
  cache: { nodeType: "cache.t3.small", replicas: 0, snapshotDays: 1, durability: "snapshots" },
  server: { cpu: 512, memory: 1024, tasks: { min: 2, max: 2 } },
};
