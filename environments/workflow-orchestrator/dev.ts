import type { WorkflowOrchestratorEnvironment } from "./environment";

/** For one developer or a branch: the sizes of AWS's free tier, and no NAT; about $80 a month without the free tier. */
export const dev: WorkflowOrchestratorEnvironment = {
  previews: true,
  protect: false,
  logRetentionDays: 7,
  network: { cidr: "10.13.0.0/16", zones: 2, nat: "none", tasks: "public" },
  cluster: { capacity: "spot" },
  database: { instanceClass: "db.t3.micro", storage: 20, maxStorage: 50, multiAz: false, backupDays: 1 },
  cache: { nodeType: "cache.t3.micro", replicas: 0, snapshotDays: 0, durability: "none" },
  api: { cpu: 256, memory: 512, tasks: { min: 1, max: 1 } },
  worker: { cpu: 256, memory: 512, tasks: { min: 1, max: 1 } },
  orchestrator: { cpu: 256, memory: 512, tasks: { min: 1, max: 1 } },
  reaper: { cpu: 256, memory: 512, tasks: { min: 1, max: 1 } },
};
