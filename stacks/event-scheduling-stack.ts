import { join } from "node:path";
import { type Construct } from "constructs";
import { type Deployment, httpsOf } from "../deployment";
import { type EventSchedulingEnvironment } from "../environments/event-scheduling/environment";
import { HttpApi } from "../modules/api-gateway";
import { Function } from "../modules/lambda";
import { Monitoring } from "../modules/monitoring";
import { Network } from "../modules/networking";
import { Postgres } from "../modules/rds";
import { Schedule } from "../modules/schedule";
import { GeneratedPassword } from "../modules/secrets";
import { Queue } from "../modules/sqs";
import { BaseStack } from "./base-stack";
import { webhookGraphs } from "./webhook-graphs";

const FUNCTIONS = join(__dirname, "../functions/event-scheduling");
/** What callers of the API are promised, and what a new version is held to: seconds-long answers and errors are failures. */
const OBJECTIVES = { errorRate: 5, p99: 2000 };
/** How often a webhook is tried: five times, within about eight minutes. */
const ATTEMPTS = 5;

/** Event Scheduling: an API takes events, a scheduler finds what is due, and a queue-fed function posts it to webhooks. */
export class EventSchedulingStack extends BaseStack {
  constructor(scope: Construct, id: string, deployment: Deployment, env: EventSchedulingEnvironment) {
    super(scope, id, deployment);
    const { account, name } = deployment;
    const { protect, logRetentionDays } = env;
    const { memory, tracing, shift, reserved } = env.functions;
    const metricsNamespace = `Groundplan/${name}`;

    const network = new Network(this, "network", env.network);

    const database = new Postgres(this, "database", { network, protect, logRetentionDays, ...env.database });
    const deliveries = new Queue(this, "deliveries", { visibilityTimeout: 360, maxReceives: ATTEMPTS });
    const signingKey = new GeneratedPassword(this, "signing-key", {
      description: "Signs webhooks, so that receivers can tell them from others",
      version: 1,
      protect,
    });

    const runtime = { network, memory, tracing, logRetentionDays };
    const environment = (service: string) => ({
      DATABASE_SECRET_ARN: database.url.arn,
      POWERTOOLS_SERVICE_NAME: service,
      POWERTOOLS_METRICS_NAMESPACE: metricsNamespace,
    });
    const api = new Function(this, "api", {
      ...runtime,
      entry: join(FUNCTIONS, "api/handler.ts"),
      environment: environment("api"),
      timeout: 29, // API Gateway waits for 30 s.
      objectives: OBJECTIVES,
      shift,
      reservedConcurrency: reserved?.api,
    });
    const scheduler = new Function(this, "scheduler", {
      ...runtime,
      entry: join(FUNCTIONS, "scheduler/handler.ts"),
      environment: { ...environment("scheduler"), QUEUE_URL: deliveries.url },
      timeout: 50,
      asynchronous: { retries: 0, maxAge: 60 }, // The next minute is the retry.
      shift,
      reservedConcurrency: reserved?.scheduler,
    });
    const delivery = new Function(this, "delivery", {
      ...runtime,
      entry: join(FUNCTIONS, "delivery/handler.ts"),
      environment: {
        ...environment("delivery"),
        QUEUE_URL: deliveries.url,
        DEAD_LETTER_QUEUE_URL: deliveries.deadLetters.url,
        MAX_RECEIVES: String(ATTEMPTS),
        SIGNING_SECRET_ARN: signingKey.secret.arn,
      },
      timeout: 60,
      shift,
      reservedConcurrency: reserved?.delivery,
    });
    const migrate = new Function(this, "migrate", {
      ...runtime,
      entry: join(FUNCTIONS, "migrate/handler.ts"),
      environment: environment("migrate"),
      timeout: 900,
    });

    const http = new HttpApi(this, "http-api", {
      routes: { "POST /events": api, "GET /events/{id}": api, "DELETE /events/{id}": api },
      throttle: env.api.throttle,
      domain: httpsOf(deployment),
      logRetentionDays,
    });
    const everyMinute = new Schedule(this, "every-minute", {
      expression: "rate(1 minute)",
      target: scheduler,
      paused: env.scheduler.paused,
    });
    delivery.consume(deliveries, { batch: 10, maximumConcurrency: env.delivery.concurrency });

    deliveries.grantSend(scheduler);
    deliveries.deadLetters.grantSend(delivery);
    signingKey.secret.grantRead(delivery);
    database.url.grantRead(api, scheduler, delivery, migrate);
    database.allowFrom(api, scheduler, delivery, migrate);

    const monitoring = new Monitoring(this, "monitoring", {
      alarms: env.alarms && { ...env.alarms, email: account.alarmEmail },
    });
    monitoring.watch(http, api, everyMinute, scheduler, deliveries, delivery, database, network);

    monitoring.business("Webhooks", webhookGraphs(metricsNamespace, "delivery"));

    this.output("api_url", http.url, "Where the API answers");
    this.output("api_dns", http.dnsName, "Where the API's domain must point, as a CNAME or alias");
    this.output("deliveries_queue_url", deliveries.url, "The queue of the webhooks that are due");
    this.output("database_url_secret", database.url.arn, "The secret that holds DATABASE_URL");
    this.output("signing_key_secret", signingKey.secret.arn, "The secret that webhooks are signed with");
    this.output("dashboard", monitoring.dashboardUrl, "All of it on one page");
  }
}
