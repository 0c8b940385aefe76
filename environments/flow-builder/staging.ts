import type { FlowBuilderEnvironment } from "./environment";

/** The shape of production at a smaller size: about $200 a month. */
export const staging: FlowBuilderEnvironment = {
  previews: false,
  protect: false,
  logRetentionDays: 30,
  network: { cidr: "10.20.0.0/16", zones: 2, nat: "single" },
  alarms: { atLeast: "critical" },
  cluster: { capacity: "on-demand" },
  database: { instanceClass: "db.t4g.small", storage: 50, maxStorage: 200, multiAz: true, backupDays: 7 },
  cache: { nodeType: "cache.t4g.small", replicas: 1, snapshotDays: 1, durability: "replica" },
  api: { cpu: 512, memory: 1024, tasks: { min: 1, max: 4 } },
  worker: { cpu: 512, memory: 1024, tasks: { min: 1, max: 4 } },
};
