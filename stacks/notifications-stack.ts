import { join } from "node:path";
import { type Construct } from "constructs";
import { type Deployment, httpsOf } from "../deployment";
import { type NotificationsEnvironment } from "../environments/notifications/environment";
import { checkInteger } from "../modules/checks";
import { Repository } from "../modules/ecr";
import { Cluster, HttpService, LoadBalancer } from "../modules/ecs";
import { Function } from "../modules/lambda";
import { Monitoring } from "../modules/monitoring";
import { Network } from "../modules/networking";
import { Aurora } from "../modules/rds";
import { GeneratedPassword, RotatedLogin } from "../modules/secrets";
import { Queue } from "../modules/sqs";
import { BaseStack } from "./base-stack";
import { webhookGraphs } from "./webhook-graphs";

const FUNCTIONS = join(__dirname, "../functions/notifications");
/** Seconds that the worker waits for a full batch. */
const WINDOW = 5;
/**
 * Seconds that a batch may take. A message is hidden for six times as long, and an attempt has its row for 90
 * (functions/common/webhook/ledger.ts): a message that came back before would use up its attempts on a row that is not free.
 */
const TIMEOUT = { min: 60, max: 300 };
/** How often a notification is tried. */
const ATTEMPTS = 5;

/** Notifications: an Express API on Fargate takes them, a queue-fed function delivers them, Aurora keeps what became of each. */
export class NotificationsStack extends BaseStack {
  constructor(scope: Construct, id: string, deployment: Deployment, env: NotificationsEnvironment) {
    super(scope, id, deployment);
    const { account, name } = deployment;
    const { protect, logRetentionDays } = env;
    const { rotateEvery, ...aurora } = env.database;
    const { logLevel, requestsPerTarget, ...size } = env.api;
    const metricsNamespace = `Groundplan/${name}`;

    const network = new Network(this, "network", env.network);

    const database = new Aurora(this, "database", { network, protect, logRetentionDays, ...aurora });
    const login = new RotatedLogin(this, "login", { database, network, rotateEvery, protect, logRetentionDays });
    const { timeout } = env.worker;
    const slow = "Ten webhooks at once take 10 s each at most, and the database some more: 60.";
    checkInteger(this, "worker: timeout", timeout, TIMEOUT.min, TIMEOUT.max, slow, "seconds");
    const notifications = new Queue(this, "notifications", {
      visibilityTimeout: 6 * timeout + WINDOW, // AWS's advice for a queue that feeds a function.
      maxReceives: ATTEMPTS,
    });
    const signingKey = new GeneratedPassword(this, "signing-key", {
      description: "Signs webhooks, so that receivers can tell them from others",
      version: 1,
      protect,
    });

    const cluster = new Cluster(this, "cluster", env.cluster);
    const loadBalancer = new LoadBalancer(this, "load-balancer", {
      network,
      protect,
      https: httpsOf(deployment),
      plainHttp: env.previews,
      ...env.loadBalancer,
    });
    const api = new HttpService(this, "api", {
      cluster,
      network,
      logRetentionDays,
      ...size,
      scaleOn: { cpu: 70, memory: 80, requestsPerTarget },
      repository: new Repository(this, "api-images", { protect }),
      loadBalancer,
      port: 3000,
      healthPath: "/health",
      environment: {
        QUEUE_URL: notifications.url,
        AWS_REGION: account.region,
        NODE_ENV: "production",
        LOG_LEVEL: logLevel,
      },
      secrets: { DATABASE_URL: login.url },
    });
    const worker = new Function(this, "worker", {
      network,
      logRetentionDays,
      ...env.worker,
      entry: join(FUNCTIONS, "worker/handler.ts"),
      environment: {
        DATABASE_SECRET_ARN: login.secret.arn,
        QUEUE_URL: notifications.url,
        DEAD_LETTER_QUEUE_URL: notifications.deadLetters.url,
        MAX_RECEIVES: String(ATTEMPTS),
        SIGNING_SECRET_ARN: signingKey.secret.arn,
        POWERTOOLS_SERVICE_NAME: "worker",
        POWERTOOLS_METRICS_NAMESPACE: metricsNamespace,
      },
    });
    const migrate = new Function(this, "migrate", {
      network,
      logRetentionDays,
      entry: join(FUNCTIONS, "migrate/handler.ts"),
      memory: 256,
      timeout: 900,
      environment: { DATABASE_SECRET_ARN: login.secret.arn },
    });

    // What does not run yet waits in the queue: a batch that the worker refuses has been received, and counts as an attempt.
    worker.consume(notifications, { batch: 10, window: WINDOW, maximumConcurrency: env.worker.reservedConcurrency });
    notifications.grantSend(api);
    notifications.deadLetters.grantSend(worker);
    signingKey.secret.grantRead(worker);
    login.secret.grantRead(worker, migrate);
    login.rolls(api);
    database.allowFrom(api, worker, migrate);

    const monitoring = new Monitoring(this, "monitoring", {
      alarms: env.alarms && { ...env.alarms, email: account.alarmEmail },
    });
    monitoring.watch(api, notifications, worker, database, login, network);
    monitoring.business("Webhooks", webhookGraphs(metricsNamespace, "worker"));

    this.output("api_url", api.url, `Where the API answers${api.urlNote}`);
    this.output("load_balancer_dns", loadBalancer.dnsName, "Where the API's domain must point, as a CNAME or alias");
    this.output("notifications_queue_url", notifications.url, "The queue that the worker reads");
    this.output(
      "database_login_secret",
      login.secret.arn,
      "The secret that holds the application's login and DATABASE_URL",
    );
    this.output("api_repository", api.repositoryUrl, "Where images of the API are pushed");
    this.output(
      "api_image",
      api.image.name,
      "The SSM parameter that names the API's image; none until the first release",
    );
    this.output("dashboard", monitoring.dashboardUrl, "All of it on one page");
  }
}
