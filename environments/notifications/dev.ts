import type { NotificationsEnvironment } from "./environment";

/** For one developer or a branch: a NAT instance, no API at night, about $95 a month, half of it Aurora's least. */
export const dev: NotificationsEnvironment = {
  previews: true,
  protect: false,
  logRetentionDays: 30,
  network: { cidr: "10.0.0.0/16", zones: 2, nat: "instance" },
  cluster: { capacity: "spot" },
  database: { capacity: { min: 0.5, max: 2 }, readers: 0, backupDays: 1, rotateEvery: 30 },
  loadBalancer: {},
  api: {
    cpu: 512,
    memory: 1024,
    tasks: { min: 1, max: 2 },
    logLevel: "debug",
    requestsPerTarget: 1000,
    schedule: {
      evening: { expression: "cron(0 20 ? * * *)", timezone: "Europe/Berlin", min: 0, max: 0 },
      morning: { expression: "cron(0 7 ? * MON-FRI *)", timezone: "Europe/Berlin", min: 1, max: 2 },
    },
  },
  worker: { memory: 512, timeout: 60, reservedConcurrency: 5, tracing: false },
};
