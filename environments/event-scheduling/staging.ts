import type { EventSchedulingEnvironment } from "./environment";

/** The database and the functions of production, with one NAT gateway and fewer alarms: about $170 a month. */
export const staging: EventSchedulingEnvironment = {
  previews: false,
  protect: false,
  logRetentionDays: 7,
  network: { cidr: "10.22.0.0/16", zones: 2, nat: "single" },
  alarms: { atLeast: "critical" },
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
