import { join } from "node:path";
import { type Construct } from "constructs";
import { type Deployment, httpsOf } from "../deployment";
import { type FlowBuilderEnvironment } from "../environments/flow-builder/environment";
import { Repository } from "../modules/ecr";
import { Cluster, HttpService, LoadBalancer, Service } from "../modules/ecs";
import { Redis } from "../modules/elasticache";
import { Function } from "../modules/lambda";
import { Monitoring } from "../modules/monitoring";
import { Network } from "../modules/networking";
import { Postgres } from "../modules/rds";
import { Schedule } from "../modules/schedule";
import { Queue } from "../modules/sqs";
import { BaseStack } from "./base-stack";

/** Flow Builder: an API and a queue-fed worker on Fargate, and a Lambda that starts flows on time. */
export class FlowBuilderStack extends BaseStack {
  constructor(scope: Construct, id: string, deployment: Deployment, env: FlowBuilderEnvironment) {
    super(scope, id, deployment);
    const { account } = deployment;
    const { protect, logRetentionDays } = env;

    const network = new Network(this, "network", env.network);

    const database = new Postgres(this, "database", { network, protect, logRetentionDays, ...env.database });
    const cache = new Redis(this, "cache", {
      network,
      protect,
      authentication: "none", // Whatever client an image brings can connect (docs/adr/0034).
      ...env.cache,
    });
    const flows = new Queue(this, "flows", { visibilityTimeout: 300 });

    const cluster = new Cluster(this, "cluster", env.cluster);
    const loadBalancer = new LoadBalancer(this, "load-balancer", {
      network,
      protect,
      https: httpsOf(deployment),
      plainHttp: env.previews,
    });
    const runtime = {
      cluster,
      network,
      logRetentionDays,
      environment: { QUEUE_URL: flows.url, REDIS_URL: cache.url },
      secrets: { DATABASE_URL: database.url },
    };
    const api = new HttpService(this, "api", {
      ...runtime,
      ...env.api,
      repository: new Repository(this, "api-images", { protect }),
      loadBalancer,
      port: 8080,
      healthPath: "/health",
    });
    const worker = new Service(this, "worker", {
      ...runtime,
      ...env.worker,
      repository: new Repository(this, "worker-images", { protect }),
      scaleOn: flows,
    });
    const scheduler = new Function(this, "scheduler", {
      network,
      logRetentionDays,
      entry: join(__dirname, "../functions/flow-builder/scheduler/handler.ts"),
      memory: 256,
      timeout: 50,
      asynchronous: { retries: 0, maxAge: 60 }, // The next minute is the retry.
      environment: { QUEUE_URL: flows.url, DATABASE_SECRET_ARN: database.url.arn },
    });
    // It also keeps the queue's metrics alive: a queue that nobody touches for six hours stops sending them.
    const everyMinute = new Schedule(this, "every-minute", { expression: "rate(1 minute)", target: scheduler });

    flows.grantSend(api, scheduler);
    flows.grantConsume(worker);
    database.url.grantRead(scheduler);
    database.allowFrom(api, worker, scheduler);
    cache.allowFrom(api, worker);

    const monitoring = new Monitoring(this, "monitoring", {
      alarms: env.alarms && { ...env.alarms, email: account.alarmEmail },
    });
    monitoring.watch(api, worker, everyMinute, scheduler, flows, database, cache, network);

    this.output("api_url", api.url, `Where the API answers${api.urlNote}`);
    this.output("load_balancer_dns", loadBalancer.dnsName, "Where the API's domain must point, as a CNAME or alias");
    this.output("flows_queue_url", flows.url, "The queue that the worker reads");
    this.output("database_url_secret", database.url.arn, "The secret that holds DATABASE_URL");
    this.output("api_repository", api.repositoryUrl, "Where images of the API are pushed");
    this.output("worker_repository", worker.repositoryUrl, "Where images of the worker are pushed");
    this.output(
      "api_image",
      api.image.name,
      "The SSM parameter that names the API's image; none until the first release",
    );
    this.output("worker_image", worker.image.name, "The SSM parameter that names the worker's image");
    this.output("dashboard", monitoring.dashboardUrl, "All of it on one page");
  }
}
