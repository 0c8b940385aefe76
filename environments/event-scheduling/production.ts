import type { EventSchedulingEnvironment } from "./environment";

/** What customers use: nothing that a single failure takes down, nothing that is deleted by accident; about $320 a month. */
export const production: EventSchedulingEnvironment = {
  previews: false,
  protect: true,
  logRetentionDays: 7,
  network: { cidr: "10.32.0.0/16", zones: 3, nat: "per-zone", flowLogs: { retentionDays: 7 } },
  alarms: { atLeast: "warning" },
  database: { instanceClass: "db.t4g.medium", storage: 50, maxStorage: 200, multiAz: true, backupDays: 7 },
  functions: {
    memory: 512,
    tracing: true,
    shift: "Canary10Percent10Minutes",
    reserved: { api: 50, scheduler: 2, delivery: 50 },
  },
  api: { throttle: { rate: 100, burst: 200 } },
  delivery: { concurrency: 40 },
  scheduler: { paused: false },
};
