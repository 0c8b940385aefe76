import type { WorkflowEngineEnvironment } from "./environment";

/** For one developer or a branch: one small task, and a NAT instance instead of a gateway; about $70 a month. */
export const dev: WorkflowEngineEnvironment = {
  previews: true,
  protect: false,
  logRetentionDays: 30,
  network: { cidr: "10.14.0.0/16", zones: 2, nat: "instance" },
  cluster: { capacity: "spot" },
  database: { instanceClass: "db.t3.micro", storage: 20, maxStorage: 50, multiAz: false, backupDays: 1 },
  cache: { nodeType: "cache.t3.micro", replicas: 0, snapshotDays: 0, durability: "none" },
  server: { cpu: 256, memory: 512, tasks: { min: 1, max: 1 } },
};
