import { readFileSync } from "node:fs";
import { join } from "node:path";
import { type SynthesizedResource, resourcesIn } from "./synthesized-resources";

/** Where images are pushed. */
export interface ImageRepository {
  /** "aws_ecr_repository.api-images" */
  readonly address: string;
  /** Its name in AWS: "fb-dev-api-images". */
  readonly name: string;
  /** What its images are called, after its place in the stack's code: "api" of `api-images`, "app" of `images`. */
  readonly image: string;
}

/** Where a service answers that it can take requests. */
export interface Health {
  /** "/health" */
  readonly path: string;
  readonly scheme: "http" | "https";
  /** The domain; undefined where the load balancer's own name is asked. */
  readonly domain?: string;
  /** The output that tells the load balancer's own name: "load_balancer_dns". @default none does */
  readonly dnsOutput?: string;
}

/** A service of a synthesized stack, with what a release changes and watches. Names are those in AWS. */
export interface ReleasedService {
  /** Its place in the stack's code: "api". */
  readonly path: string;
  /** "aws_ecs_service.api" */
  readonly address: string;
  /** "fb-dev-api" */
  readonly name: string;
  /** "fb-dev-cluster" */
  readonly cluster: string;
  readonly task: { readonly address: string; readonly family: string; readonly container: string };
  readonly logGroup: string;
  /** The SSM parameter that names the image it runs: "/fb-dev/api/image". */
  readonly pointer: { readonly address: string; readonly name: string };
  /** The only repository that its pointer may name an image of. */
  readonly repository: ImageRepository;
  /** "aws_appautoscaling_target.api_scaling" */
  readonly scaling?: string;
  /** Of what sends requests to it. @default nothing does */
  readonly health?: Health;
}

/** What a release of a stack is about. */
export interface Released {
  readonly services: readonly ReleasedService[];
  /** Those that a service runs images of. */
  readonly repositories: readonly ImageRepository[];
  /** The task that migrates the database. @default there is none */
  readonly migration?: {
    /** The output that says how it is run. */
    readonly output: string;
    /** The service whose image it runs. */
    readonly imageOf: ReleasedService;
  };
}

interface Synthesized {
  readonly locals?: Readonly<Record<string, unknown>>;
  readonly output?: Readonly<Record<string, { readonly value: unknown }>>;
}

/** The value of a pointer before the first release. */
export const NONE = "none";

/** What a release of a synthesized stack is about, from the `cdk.tf.json` in its folder. */
export function releasedIn(folder: string): Released {
  return released(readFileSync(join(folder, "cdk.tf.json"), "utf8"));
}

/** Likewise, from the file's text: everything is followed by address and reference, nothing by how it is called. */
export function released(json: string): Released {
  const { locals = {}, output = {} } = JSON.parse(json) as Synthesized;
  const all = new Stack(resourcesIn(json), locals, output);
  const services = all.of("aws_ecs_service").map((service) => all.service(service));
  const repositories = new Map(services.map(({ repository }) => [repository.address, repository]));
  const tasks = Object.entries(output).map(([name, { value }]) => {
    const service = services.find(({ path }) => path === imageOf(value));
    return service && { output: name, imageOf: service };
  });
  const migration = tasks.find((task) => task !== undefined);
  return { services, repositories: [...repositories.values()], ...(migration && { migration }) };
}

/** Whether a task migrates a synthesized stack's database. By the outputs alone: the rest may be of other code than this. */
export function migratesByTask(folder: string): boolean {
  const { output = {} } = JSON.parse(readFileSync(join(folder, "cdk.tf.json"), "utf8")) as Synthesized;
  return Object.values(output).some(({ value }) => imageOf(value) !== undefined);
}

/** The service whose image the task of an output runs. */
function imageOf(value: unknown): string | undefined {
  return (value as { readonly image_of?: string } | null | undefined)?.image_of;
}

class Stack {
  constructor(
    private readonly resources: readonly SynthesizedResource[],
    private readonly locals: Readonly<Record<string, unknown>>,
    private readonly outputs: NonNullable<Synthesized["output"]>,
  ) {}

  of(type: string): SynthesizedResource[] {
    return this.resources.filter((resource) => resource.type === type);
  }

  service(service: SynthesizedResource): ReleasedService {
    const { path, address } = service;
    const task = this.named("aws_ecs_task_definition", service.arguments["task_definition"], address);
    const containers = String(task.arguments["container_definitions"]);
    const values = [...containers.matchAll(/\blocal\.([\w-]+)/g)].map(([, local]) => this.locals[String(local)]);
    const pointer = this.named("aws_ssm_parameter", values, task.address);
    const scaling = this.of("aws_appautoscaling_target").find((it) => refersTo(it.arguments["resource_id"], address));
    const health = this.health(service);
    return {
      path: path.join("/"),
      address,
      name: String(service.arguments["name"]),
      cluster: String(this.named("aws_ecs_cluster", service.arguments["cluster"], address).arguments["name"]),
      task: {
        address: task.address,
        family: String(task.arguments["family"]),
        container: literal(containers, "name"),
      },
      logGroup: literal(containers, "awslogs-group"),
      pointer: { address: pointer.address, name: String(pointer.arguments["name"]) },
      repository: repository(this.named("aws_ecr_repository", task.arguments["lifecycle"], task.address)),
      ...(scaling && { scaling: scaling.address }),
      ...(health && { health }),
    };
  }

  private health({ address, arguments: { load_balancer } }: SynthesizedResource): Health | undefined {
    if (load_balancer === undefined) return undefined;
    const group = this.named("aws_lb_target_group", load_balancer, address);
    const rule = this.of("aws_lb_listener_rule").find((it) => refersTo(it.arguments["action"], group.address));
    if (rule === undefined) return undefined;
    const listener = this.named("aws_lb_listener", rule.arguments["listener_arn"], rule.address);
    const balancer = this.named("aws_lb", listener.arguments["load_balancer_arn"], listener.address);
    const { path } = group.arguments["health_check"] as { path: string };
    const hosts = (rule.arguments["condition"] as { host_header?: { values: string[] } }[]).flatMap(
      ({ host_header }) => host_header?.values ?? [],
    );
    const dnsName = `\${${balancer.address}.dns_name}`;
    const dnsOutput = Object.keys(this.outputs).find((name) => this.outputs[name]?.value === dnsName);
    const domain = hosts.find((host) => !host.includes("${"));
    return {
      path,
      scheme: listener.arguments["protocol"] === "HTTPS" ? "https" : "http",
      ...(domain !== undefined && { domain }),
      ...(dnsOutput !== undefined && { dnsOutput }),
    };
  }

  /** The one resource of a type that an argument refers to. */
  private named(type: string, argument: unknown, of: string): SynthesizedResource {
    const found = this.of(type).find(({ address }) => refersTo(argument, address));
    if (found === undefined) throw new Error(`${of} refers to no ${type}`);
    return found;
  }
}

function refersTo(argument: unknown, address: string): boolean {
  return JSON.stringify(argument ?? "").includes(`${address}.`);
}

/** The first literal of a name in the text of a container's definition, which is an expression. */
function literal(containers: string, name: string): string {
  return new RegExp(`"${name}" = "([^"$]+)"`).exec(containers)?.[1] ?? "";
}

function repository({ address, path, arguments: { name } }: SynthesizedResource): ImageRepository {
  const id = path.join("-");
  return { address, name: String(name), image: id === "images" ? "app" : id.replace(/-images$/, "") };
}
