import { type Construct } from "constructs";
import { type Deployment, httpsOf } from "../deployment";
import { type WorkflowOrchestratorEnvironment } from "../environments/workflow-orchestrator/environment";
import { Repository } from "../modules/ecr";
import { Cluster, HttpService, LoadBalancer, OneOffTask, Service } from "../modules/ecs";
import { Redis } from "../modules/elasticache";
import { Monitoring } from "../modules/monitoring";
import { Network } from "../modules/networking";
import { Postgres } from "../modules/rds";
import { BaseStack } from "./base-stack";

/** Workflow Orchestrator: one image as four services, an API and three in the background, which share a database and a Redis. */
export class WorkflowOrchestratorStack extends BaseStack {
  constructor(scope: Construct, id: string, deployment: Deployment, env: WorkflowOrchestratorEnvironment) {
    super(scope, id, deployment);
    const { account } = deployment;
    const { protect, logRetentionDays } = env;

    const network = new Network(this, "network", env.network);

    const database = new Postgres(this, "database", {
      network,
      protect,
      logRetentionDays,
      engineVersion: "15",
      ...env.database,
    });
    const cache = new Redis(this, "cache", {
      network,
      protect,
      authentication: "iam",
      ...env.cache,
      // It holds work that is under way: a full Redis refuses more of it rather than forget some.
      parameters: { "maxmemory-policy": "noeviction" },
    });

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
      repository: new Repository(this, "images", { protect }),
      environment: { REDIS_URL: cache.url, REDIS_USER: cache.user, REDIS_NAME: cache.name },
      secrets: { DATABASE_URL: database.url },
    };
    const api = new HttpService(this, "api", {
      ...runtime,
      ...env.api,
      command: ["api"],
      loadBalancer,
      port: 8080,
      healthPath: "/health",
    });
    const worker = new Service(this, "worker", { ...runtime, ...env.worker, command: ["worker"] });
    const orchestrator = new Service(this, "orchestrator", {
      ...runtime,
      ...env.orchestrator,
      command: ["orchestrator"],
    });
    const reaper = new Service(this, "reaper", { ...runtime, ...env.reaper, command: ["reaper"] });
    const migrate = new OneOffTask(this, "migrate", {
      ...runtime,
      cpu: 256,
      memory: 512,
      imageOf: api,
      command: ["migrate"],
    });

    database.allowFrom(api, worker, orchestrator, reaper, migrate);
    cache.allowFrom(api, worker, orchestrator, reaper);
    cache.grantConnect(api, worker, orchestrator, reaper);

    const monitoring = new Monitoring(this, "monitoring", {
      alarms: env.alarms && { ...env.alarms, email: account.alarmEmail },
    });
    monitoring.watch(api, worker, orchestrator, reaper, database, cache, network);

    this.output("api_url", api.url, `Where the API answers${api.urlNote}`);
    this.output("load_balancer_dns", loadBalancer.dnsName, "Where the API's domain must point, as a CNAME or alias");
    this.output("database_url_secret", database.url.arn, "The secret that holds DATABASE_URL");
    this.output("images_repository", runtime.repository.url, "Where the image of all four services is pushed");
    this.output("migrate_task", migrate.invocation, "The task that a release runs before anything has the new image");
    this.output("dashboard", monitoring.dashboardUrl, "All of it on one page");
  }
}
