import { type Construct } from "constructs";
import { Repository } from "../../modules/ecr";
import {
  Cluster,
  HttpService,
  type HttpServiceProps,
  LoadBalancer,
  Service,
  type ServiceProps,
} from "../../modules/ecs";
import { Network } from "../../modules/networking";
import { Secret } from "../../modules/secrets";
import { Queue } from "../../modules/sqs";
import { inStack } from "./module";
import { type Arguments } from "./synth";

type Made = ReturnType<typeof inStack>;
type Settings<T> = Partial<Record<keyof T, unknown>>;

/** What every service of these tests runs on. */
export function surroundings(stack: Construct) {
  const network = new Network(stack, "network", { cidr: "10.0.0.0/16", zones: 2, nat: "none" });
  return {
    cluster: new Cluster(stack, "cluster", { capacity: "spot" }),
    network,
    repository: new Repository(stack, "images", { protect: false }),
    cpu: 256,
    memory: 512,
    tasks: { min: 1, max: 4 },
    environment: { PLACE: "here" },
    secrets: { DATABASE_URL: new Secret(stack, "url", { description: "", value: "x", version: 1, protect: false }) },
    logRetentionDays: 7,
  };
}

/** A worker that reads a queue, "worker" and "flows", with settings of its own. */
export function worker(settings: Settings<ServiceProps> = {}, use: (service: Service) => void = () => undefined): Made {
  return inStack((stack) => {
    const scaleOn = new Queue(stack, "flows");
    use(new Service(stack, "worker", { ...surroundings(stack), scaleOn, ...settings } as ServiceProps));
  });
}

const https = { domain: "api.example.com", certificateArn: "arn:aws:acm:eu-west-1:111111111111:certificate/1" };

/** An API behind a load balancer, "api" and "load-balancer", with settings of its own. */
export function api(
  settings: Settings<HttpServiceProps> & { encrypted?: boolean; protect?: boolean } = {},
  use: (service: HttpService, loadBalancer: LoadBalancer) => void = () => undefined,
): Made {
  const { encrypted = false, protect = false, ...props } = settings;
  return inStack((stack) => {
    const common = surroundings(stack);
    const { network } = common;
    const loadBalancer = new LoadBalancer(stack, "load-balancer", {
      network,
      protect,
      plainHttp: !encrypted,
      ...(encrypted && { https }),
    });
    const defaults = { ...common, loadBalancer, port: 8080, healthPath: "/health" };
    use(new HttpService(stack, "api", { ...defaults, ...props } as HttpServiceProps), loadBalancer);
  });
}

/** The container of the only task definition; expressions of Terraform stand in it as texts. */
export function container(made: Made): Record<string, unknown> {
  const definitions = String(made.only("aws_ecs_task_definition")["container_definitions"]);
  const json = definitions
    .slice("${jsonencode(".length, -")}".length)
    .replace(/"image" = (.*?), "essential"/, (_, image: string) => `"image": ${JSON.stringify(image)}, "essential"`)
    .replace(/ = (aws_[\w.-]+)/g, ' = "$1"')
    .replace(/(?<=[{ ]"[\w-]+") = /g, ": ");
  return (JSON.parse(json) as [Record<string, unknown>])[0];
}

/** The values of a conditional expression: before the first release, and after. */
export function beforeAndAfter(value: unknown): [string, string] {
  const [, before = "", after = ""] = /^\$\{\(.* == "none"\) \? (.*) : (.*)\}$/.exec(String(value)) ?? [];
  return [before, after];
}

/** An address's arguments, or an error that says that it is missing. */
export function at(made: Made, type: string, id: string): Arguments {
  const found = made.all(type)[id];
  if (!found) throw new Error(`${type}.${id} is missing; there are ${Object.keys(made.all(type)).join(" ")}`);
  return found;
}
