import type { FlowBuilderEnvironment } from "./environment";

/** For one developer or a branch: everything small, asleep when idle, about $90 a month. */
export const dev: FlowBuilderEnvironment = {
  previews: true,
  protect: false,
  logRetentionDays: 7,
  network: { cidr: "10.10.0.0/16", zones: 2, nat: "single" },
  cluster: { capacity: "spot" },
  database: { instanceClass: "db.t4g.micro", storage: 20, maxStorage: 50, multiAz: false, backupDays: 1 },
  cache: { nodeType: "cache.t4g.micro", replicas: 0, snapshotDays: 0, durability: "none" },
  api: { cpu: 256, memory: 512, tasks: { min: 0, max: 2 } },
  worker: { cpu: 256, memory: 512, tasks: { min: 0, max: 2 } },
};
