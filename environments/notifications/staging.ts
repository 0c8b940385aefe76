import type { NotificationsEnvironment } from "./environment";

/** The shape of production at a smaller size: about $180 a month. */
export const staging: NotificationsEnvironment = {
  previews: false,
  protect: false,
  logRetentionDays: 30,
  network: { cidr: "10.0.0.0/16", zones: 2, nat: "single" },
  alarms: { atLeast: "critical" },
  cluster: { capacity: "on-demand" },
  database: { capacity: { min: 0.5, max: 4 }, readers: 0, backupDays: 7, rotateEvery: 30 },
  loadBalancer: {},
  api: { cpu: 1024, memory: 2048, tasks: { min: 1, max: 5 }, logLevel: "info", requestsPerTarget: 1000 },
  worker: { memory: 1024, timeout: 60, reservedConcurrency: 10, tracing: true },
};
