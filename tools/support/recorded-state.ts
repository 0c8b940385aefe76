/** A resource as Terraform's state has it. Its attributes may hold anything: never print them. */
export interface RecordedResource {
  /** "aws_sqs_queue.flows_dead-letters" */
  readonly address: string;
  readonly type: string;
  readonly tainted: boolean;
  /** Replaced, and to be destroyed by the next apply. */
  readonly deposed: boolean;
  readonly attributes: Readonly<Record<string, unknown>>;
}

export interface RecordedState {
  /** Of the file's format: 4 since Terraform 0.12. */
  readonly version: number;
  readonly terraformVersion: string;
  readonly serial: number;
  readonly lineage: string;
  /** "registry.terraform.io/hashicorp/aws": OpenTofu writes those of its own registry. */
  readonly providers: ReadonlySet<string>;
  readonly resources: readonly RecordedResource[];
}

interface StateFile {
  readonly version: number;
  readonly terraform_version: string;
  readonly serial: number;
  readonly lineage: string;
  readonly resources: readonly {
    readonly mode: string;
    readonly type: string;
    readonly name: string;
    /** `provider["registry.terraform.io/hashicorp/aws"]` */
    readonly provider?: string;
    readonly instances: readonly {
      readonly index_key?: string | number;
      readonly status?: string;
      readonly deposed?: string;
      readonly attributes?: Readonly<Record<string, unknown>>;
    }[];
  }[];
}

/** Reads a state file; undefined when it is none. */
export function parseState(text: string): RecordedState | undefined {
  const file = json(text);
  if (!isStateFile(file)) return undefined;
  const managed = (file.resources ?? []).filter(({ mode }) => mode === "managed");
  return {
    version: file.version,
    terraformVersion: file.terraform_version,
    serial: file.serial,
    lineage: file.lineage,
    providers: new Set(managed.flatMap(({ provider }) => /\["([^"]+)"\]/.exec(provider ?? "")?.[1] ?? [])),
    resources: managed.flatMap(({ type, name, instances }) =>
      instances.map(({ index_key: key, status, deposed, attributes = {} }) => ({
        address: `${type}.${name}${key === undefined ? "" : `[${JSON.stringify(key)}]`}`,
        type,
        tainted: status === "tainted",
        deposed: deposed !== undefined,
        attributes,
      })),
    ),
  };
}

/** Of each resource that is another deployment's, whose it is: "fb-42-dev". */
export function otherDeployments({ resources }: RecordedState, deployment: string): string[] {
  return resources
    .map(({ attributes }) => (attributes["tags_all"] as Record<string, unknown> | null)?.["deployment"])
    .filter((name): name is string => typeof name === "string" && name !== deployment);
}

function json(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function isStateFile(file: unknown): file is StateFile {
  const { version, serial, lineage } = (file ?? {}) as Partial<StateFile>;
  return typeof version === "number" && typeof serial === "number" && typeof lineage === "string";
}
