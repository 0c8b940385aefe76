import type { EventSchedulingEnvironment } from "./environment";

/** For one developer or a branch: one small database, about $60 a month, half of it the NAT gateway. */
export const dev: EventSchedulingEnvironment = {
  previews: true,
  protect: false,
  logRetentionDays: 7,
  network: { cidr: "10.12.0.0/16", zones: 2, nat: "single" },
  database: { instanceClass: "db.t3.micro", storage: 20, maxStorage: 50, multiAz: false, backupDays: 7 },
  functions: { memory: 256, tracing: false },
  api: { throttle: { rate: 10, burst: 20 } },
  delivery: { concurrency: 2 },
  scheduler: { paused: false },
};
