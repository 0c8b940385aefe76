import { z } from "zod";
import {
  type Account,
  type CacheSize,
  type ClusterSize,
  type DatabaseSize,
  type Environment,
  type ServiceSize,
} from "../environments/environment";
import { type EventSchedulingEnvironment } from "../environments/event-scheduling/environment";
import { type FlowBuilderEnvironment } from "../environments/flow-builder/environment";
import { type NotificationsEnvironment } from "../environments/notifications/environment";
import { type WorkflowEngineEnvironment } from "../environments/workflow-engine/environment";
import { type WorkflowOrchestratorEnvironment } from "../environments/workflow-orchestrator/environment";
import { sentence } from "../modules/checks";
import { isCertificate, isDomain } from "../modules/dns";

/*
 * The shape of what people enter. `cdktf` runs TypeScript without checking types, so a misspelt key or a number in
 * quotes reaches the synth; here it becomes a sentence. What values AWS takes is the modules' business.
 */

/** One of some words; which ones, the module says. */
const word = <T extends string>() => z.custom<T>((value) => typeof value === "string", "expected a string");

const serviceSize = z.strictObject({
  cpu: z.number(),
  memory: z.number(),
  tasks: z.strictObject({ min: z.number(), max: z.number() }),
}) satisfies z.ZodType<ServiceSize>;

const cluster = z.strictObject({ capacity: word<ClusterSize["capacity"]>() }) satisfies z.ZodType<ClusterSize>;

const environment = {
  previews: z.boolean(),
  protect: z.boolean(),
  logRetentionDays: z.number(),
  network: z.strictObject({
    cidr: z.string(),
    zones: z.number(),
    nat: word<Environment["network"]["nat"]>(),
    tasks: word<NonNullable<Environment["network"]["tasks"]>>().optional(),
    flowLogs: z.strictObject({ retentionDays: z.number() }).optional(),
  }),
  alarms: z.strictObject({ atLeast: word<"critical" | "warning">() }).optional(),
} satisfies Record<keyof Environment, z.ZodType>;

const database = z.strictObject({
  instanceClass: z.string(),
  storage: z.number(),
  maxStorage: z.number(),
  multiAz: z.boolean(),
  backupDays: z.number(),
}) satisfies z.ZodType<DatabaseSize>;

const cache = z.strictObject({
  nodeType: z.string(),
  replicas: z.number(),
  snapshotDays: z.number(),
  durability: word<CacheSize["durability"]>(),
}) satisfies z.ZodType<CacheSize>;

export const flowBuilderEnvironment: z.ZodType<FlowBuilderEnvironment> = z.strictObject({
  ...environment,
  cluster,
  database,
  cache,
  api: serviceSize,
  worker: serviceSize,
});

export const workflowOrchestratorEnvironment: z.ZodType<WorkflowOrchestratorEnvironment> = z.strictObject({
  ...environment,
  cluster,
  database,
  cache,
  api: serviceSize,
  worker: serviceSize,
  orchestrator: serviceSize,
  reaper: serviceSize,
});

export const workflowEngineEnvironment: z.ZodType<WorkflowEngineEnvironment> = z.strictObject({
  ...environment,
  cluster,
  database,
  cache,
  server: serviceSize,
});

export const eventSchedulingEnvironment: z.ZodType<EventSchedulingEnvironment> = z.strictObject({
  ...environment,
  database,
  functions: z.strictObject({
    memory: z.number(),
    tracing: z.boolean(),
    shift: word<NonNullable<EventSchedulingEnvironment["functions"]["shift"]>>().optional(),
    reserved: z.strictObject({ api: z.number(), scheduler: z.number(), delivery: z.number() }).optional(),
  }),
  api: z.strictObject({ throttle: z.strictObject({ rate: z.number(), burst: z.number() }) }),
  delivery: z.strictObject({ concurrency: z.number() }),
  scheduler: z.strictObject({ paused: z.boolean() }),
});

export const notificationsEnvironment: z.ZodType<NotificationsEnvironment> = z.strictObject({
  ...environment,
  cluster,
  database: z.strictObject({
    capacity: z.strictObject({ min: z.number(), max: z.number() }),
    readers: z.number(),
    backupDays: z.number(),
    rotateEvery: z.number(),
  }),
  loadBalancer: z.strictObject({ accessLogs: z.strictObject({ retentionDays: z.number() }).optional() }),
  api: z.strictObject({
    ...serviceSize.shape,
    logLevel: z.enum(["debug", "info", "warn", "error"], "expected debug, info, warn or error"),
    requestsPerTarget: z.number(),
    schedule: z
      .record(
        z.string(),
        z.strictObject({ expression: z.string(), timezone: z.string(), min: z.number(), max: z.number() }),
      )
      .optional(),
  }),
  worker: z.strictObject({
    memory: z.number(),
    timeout: z.number(),
    reservedConcurrency: z.number(),
    tracing: z.boolean(),
  }),
});

const accountFields = z.strictObject({
  id: z.string().regex(/^\d{12}$/, "expected the 12 digits of an AWS account"),
  region: z.string().regex(/^[a-z]{2}(-[a-z]+)+-\d$/, 'expected an AWS region, such as "eu-west-1"'),
  alarmEmail: z.email("expected an e-mail address").optional(),
  https: z
    .strictObject({
      domain: z.string().refine(isDomain, 'expected a domain name in lower case, such as "dev.example.com"'),
      certificateArn: z.string().refine(isCertificate, "expected the ARN of an ACM certificate").optional(),
      hostedZoneId: z.string().optional(),
    })
    .optional(),
});

export const account: z.ZodType<Account> = accountFields.check(({ value: { id, region, https }, issues }) => {
  const input = https?.certificateArn;
  if (input?.includes(`:acm:${region}:${id}:`) ?? true) return;
  const message = "expected a certificate of the account and region themselves";
  issues.push({ code: "custom", path: ["https", "certificateArn"], input, message });
});

/** What is wrong with the accounts beside one another, a sentence each. */
export function sharedDomains(accounts: Readonly<Record<string, Account>>): string[] {
  const domains = new Map<string, string[]>();
  for (const [environment, { https }] of Object.entries(accounts)) {
    if (https) domains.set(https.domain, [...(domains.get(https.domain) ?? []), environment]);
  }
  return [...domains]
    .filter(([, environments]) => environments.length > 1)
    .map(([domain, environments]) =>
      sentence({
        what: "environments/accounts.ts: https.domain",
        got: `${domain} for ${environments.join(", ")}`,
        expected: "a domain of its own for each environment",
        fix: `Each would make the same records, such as fb.${domain}. Take ${String(environments[0])}.${domain} for ${String(environments[0])}.`,
      }),
    );
}

/** What is wrong with the shape of a value, a sentence each: "api.tasks.min: expected number, got "2". …". */
export function shapeErrors(shape: z.ZodType, value: unknown, file: string): string[] {
  const { error } = shape.safeParse(value, { reportInput: true });
  return (error?.issues ?? []).map(
    (issue) => `${issue.path.join(".") || "the whole"}: ${said(issue)}. Mend it in ${file}.`,
  );
}

function said(issue: z.core.$ZodIssue): string {
  const got =
    typeof issue.input === "number" ? String(issue.input) : (JSON.stringify(issue.input) ?? String(issue.input));
  switch (issue.code) {
    case "invalid_type":
      return `expected ${issue.expected}, got ${issue.input === undefined ? "nothing" : got}`;
    case "unrecognized_keys":
      return `expected only known settings, got ${issue.keys.join(", ")}`;
    default:
      return `${issue.message}, got ${got}`;
  }
}
