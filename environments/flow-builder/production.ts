import type { FlowBuilderEnvironment } from "./environment";

/**
 * What customers use: three zones, nothing that a single failure takes down, nothing that is deleted by accident; from
 * about $1,000 a month.
 */
export const production: FlowBuilderEnvironment = {
  previews: false,
  protect: true,
  logRetentionDays: 90,
  network: { cidr: "10.30.0.0/16", zones: 3, nat: "per-zone", flowLogs: { retentionDays: 90 } },
  alarms: { atLeast: "warning" },
  cluster: { capacity: "on-demand" },
  database: { instanceClass: "db.r7g.large", storage: 100, maxStorage: 1000, multiAz: true, backupDays: 35 },
  cache: { nodeType: "cache.r7g.large", replicas: 1, snapshotDays: 7, durability: "replica" },
  api: { cpu: 1024, memory: 2048, tasks: { min: 2, max: 10 } },
  worker: { cpu: 1024, memory: 2048, tasks: { min: 2, max: 10 } },
};
