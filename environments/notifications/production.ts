import type { NotificationsEnvironment } from "./environment";

/** What customers use: three zones, a reader that takes over, nothing that is deleted by accident; from about $420 a month. */
export const production: NotificationsEnvironment = {
  previews: false,
  protect: true,
  logRetentionDays: 30,
  network: { cidr: "10.0.0.0/16", zones: 3, nat: "per-zone", flowLogs: { retentionDays: 30 } },
  alarms: { atLeast: "warning" },
  cluster: { capacity: "on-demand" },
  database: { capacity: { min: 1, max: 8 }, readers: 1, backupDays: 14, rotateEvery: 30 },
  loadBalancer: { accessLogs: { retentionDays: 90 } },
  api: { cpu: 1024, memory: 2048, tasks: { min: 2, max: 10 }, logLevel: "info", requestsPerTarget: 1000 },
  worker: { memory: 1024, timeout: 60, reservedConcurrency: 50, tracing: true },
};
