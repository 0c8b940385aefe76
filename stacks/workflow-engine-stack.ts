import { type Construct } from "constructs";
import { type Deployment, httpsOf } from "../deployment";
import { type WorkflowEngineEnvironment } from "../environments/workflow-engine/environment";
import { Repository } from "../modules/ecr";
import { Cluster, HttpService, LoadBalancer } from "../modules/ecs";
import { Redis } from "../modules/elasticache";
import { Monitoring } from "../modules/monitoring";
import { Network } from "../modules/networking";
import { Postgres } from "../modules/rds";
import { GeneratedPassword } from "../modules/secrets";
import { BaseStack } from "./base-stack";

const PORT = 8080;

/** Workflow Engine: one server behind a load balancer, with a database and a Redis that only it can reach. */
export class WorkflowEngineStack extends BaseStack {
  constructor(scope: Construct, id: string, deployment: Deployment, env: WorkflowEngineEnvironment) {
    super(scope, id, deployment);
    const { account } = deployment;
    const { protect, logRetentionDays } = env;

    const network = new Network(this, "network", env.network);

    const database = new Postgres(this, "database", { network, protect, logRetentionDays, ...env.database });
    const cache = new Redis(this, "cache", { network, protect, authentication: "iam", ...env.cache });
    const jwt = new GeneratedPassword(this, "jwt", {
      description: "JWT_SECRET: what the server signs its tokens with",
      version: 1,
      protect,
    });

    const cluster = new Cluster(this, "cluster", env.cluster);
    const loadBalancer = new LoadBalancer(this, "load-balancer", {
      network,
      protect,
      https: httpsOf(deployment),
      plainHttp: env.previews,
    });
    const server = new HttpService(this, "server", {
      cluster,
      network,
      logRetentionDays,
      ...env.server,
      repository: new Repository(this, "images", { protect }),
      loadBalancer,
      port: PORT,
      healthPath: "/health",
      command: ["-config", "/etc/workflow/config.yaml"], // The image carries it.
      environment: {
        WORKFLOW_ADDR: `:${String(PORT)}`,
        WORKFLOW_DB_HOST: database.endpoint,
        WORKFLOW_DB_NAME: database.database,
        WORKFLOW_DB_USER: database.user,
        WORKFLOW_REDIS_ADDR: cache.address,
        // Beyond the server's own contract (docs/systems.md): what TLS and IAM authentication need.
        WORKFLOW_REDIS_TLS: "true",
        WORKFLOW_REDIS_USER: cache.user,
        WORKFLOW_REDIS_NAME: cache.name,
      },
      secrets: { WORKFLOW_DB_PASSWORD: database.password, JWT_SECRET: jwt.secret },
    });

    database.allowFrom(server);
    cache.allowFrom(server);
    cache.grantConnect(server);

    const monitoring = new Monitoring(this, "monitoring", {
      alarms: env.alarms && { ...env.alarms, email: account.alarmEmail },
    });
    monitoring.watch(server, database, cache, network);

    this.output("server_url", server.url, `Where the server answers${server.urlNote}`);
    this.output("load_balancer_dns", loadBalancer.dnsName, "Where the server's domain must point, as a CNAME or alias");
    this.output("database_password_secret", database.password.arn, "The secret that holds WORKFLOW_DB_PASSWORD");
    this.output("jwt_secret", jwt.secret.arn, "The secret that holds JWT_SECRET");
    this.output("server_repository", server.repositoryUrl, "Where images of the server are pushed");
    this.output("server_image", server.image.name, "The SSM parameter that names the server's image");
    this.output("dashboard", monitoring.dashboardUrl, "All of it on one page");
  }
}
