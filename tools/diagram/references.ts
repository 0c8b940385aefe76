import { type SynthesizedResource } from "../support/synthesized-resources";

/** A managed resource's address in an expression; `data.aws_…` and `ephemeral.aws_…` are none. */
const ADDRESS = /(?<![\w.-])aws_[a-z0-9_]+\.[A-Za-z_][\w-]*/g;

/** "arn:aws:sqs:eu-west-1:111111111111:fb-dev-flows": the service and what follows it. */
const ARN = /arn:aws:([a-z0-9-]+):([^"\s]*)/g;

/** A stack's resources, and which of them a value refers to. */
export class References {
  private readonly byAddress: ReadonlyMap<string, SynthesizedResource>;
  /** By service and name, "sqs fb-dev-flows", for literal ARNs. */
  private readonly byName: ReadonlyMap<string, SynthesizedResource>;

  constructor(readonly resources: readonly SynthesizedResource[]) {
    this.byAddress = new Map(resources.map((resource) => [resource.address, resource]));
    this.byName = new Map(resources.flatMap((resource) => names(resource).map((name) => [name, resource])));
  }

  /** The resources that an argument refers to: by an expression, `${aws_sqs_queue.flows.arn}`, or by a literal ARN with a resource's name. */
  in(value: unknown): SynthesizedResource[] {
    const json = JSON.stringify(value) as string | undefined;
    if (json === undefined) return [];
    const expressions = [...json.matchAll(ADDRESS)].map(([address]) => this.byAddress.get(address));
    const literals = [...json.matchAll(ARN)].flatMap(([, service, rest]) =>
      String(rest)
        .split(/[:/]/)
        .map((segment) => this.byName.get(`${String(service)} ${segment}`)),
    );
    return [...new Set([...expressions, ...literals].filter((found) => found !== undefined))];
  }

  /** The first of them, where an argument holds one. */
  first(value: unknown): SynthesizedResource | undefined {
    return this.in(value)[0];
  }

  of(type: string): SynthesizedResource[] {
    return this.resources.filter((resource) => resource.type === type);
  }
}

function names({ type, arguments: args }: SynthesizedResource): string[] {
  const service = type.split("_")[1] ?? "";
  return ["name", "bucket", "function_name"]
    .map((key) => args[key])
    .filter((name) => typeof name === "string")
    .map((name) => `${service} ${name}`);
}
