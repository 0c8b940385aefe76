import {
  GetParametersCommand,
  LabelParameterVersionCommand,
  type ParameterHistory,
  PutParameterCommand,
  SSMClient,
  UnlabelParameterVersionCommand,
  paginateGetParameterHistory,
} from "@aws-sdk/client-ssm";
import type { ClientConfig } from "./aws-clients";
import type { ReleasedService } from "./released-services";

/** What services run, or will after an apply: by their paths, an image or `none`. One that was never deployed is missing. */
export type Pointers = ReadonlyMap<string, string>;

/**
 * What a release says of a version of a pointer, in SSM's own labels: that its service was seen to run it, and that the
 * database was migrated for it. A label is on one version at a time.
 */
export type Label = "released" | "migrated";

/** A pointer and what releases said of it. */
export interface LabelledPointer {
  readonly value: string;
  /** Of the value that it has now. */
  readonly labels: readonly string[];
  /** The value that was last seen to run. @default none ever was, by a release */
  readonly released?: { readonly value: string; readonly since: Date };
}

/** GetParameters takes ten at a time. */
const AT_ONCE = 10;

/** @param services with the names of their pointers */
export async function readPointers(
  services: readonly { readonly path: string; readonly pointer: { readonly name: string } }[],
  config: ClientConfig,
): Promise<Pointers> {
  const client = new SSMClient(config);
  const values = new Map<string, string>();
  for (let from = 0; from < services.length; from += AT_ONCE) {
    const Names = services.slice(from, from + AT_ONCE).map(({ pointer }) => pointer.name);
    const { Parameters = [] } = await client.send(new GetParametersCommand({ Names }));
    for (const { Name, Value } of Parameters) values.set(String(Name), String(Value));
  }
  return new Map(
    services.flatMap(({ path, pointer }) => {
      const value = values.get(pointer.name);
      return value === undefined ? [] : [[path, value] as const];
    }),
  );
}

/** Writes those that differ. @returns the paths of the services whose pointer was another */
export async function writePointers(
  services: readonly Pick<ReleasedService, "path" | "pointer">[],
  wanted: Pointers,
  config: ClientConfig,
): Promise<string[]> {
  const client = new SSMClient(config);
  const there = await readPointers(services, config);
  const written: string[] = [];
  for (const { path, pointer } of services) {
    const Value = wanted.get(path);
    if (Value === undefined || Value === there.get(path)) continue;
    await put(pointer.name, Value, client);
    written.push(path);
  }
  return written;
}

/** SSM keeps 100 versions, and refuses another one while the oldest has a label: that image is too long ago to go back to. */
async function put(Name: string, Value: string, client: SSMClient): Promise<void> {
  const request = new PutParameterCommand({ Name, Value, Overwrite: true });
  try {
    await client.send(request);
  } catch (error) {
    if ((error as Error).name !== "ParameterMaxVersionLimitExceeded") throw error;
    const oldest = (await history(Name, client)).reduce((one, other) =>
      (other.Version ?? 0) < (one.Version ?? 0) ? other : one,
    );
    const { Version: ParameterVersion, Labels } = oldest;
    await client.send(new UnlabelParameterVersionCommand({ Name, ParameterVersion, Labels }));
    await client.send(request);
  }
}

async function history(Name: string, client: SSMClient): Promise<ParameterHistory[]> {
  const versions: ParameterHistory[] = [];
  for await (const page of paginateGetParameterHistory({ client }, { Name })) versions.push(...(page.Parameters ?? []));
  return versions;
}

/** Undefined where there is no such parameter. */
export async function labelledPointer(name: string, config: ClientConfig): Promise<LabelledPointer | undefined> {
  let versions: ParameterHistory[];
  try {
    versions = await history(name, new SSMClient(config));
  } catch (error) {
    if ((error as Error).name === "ParameterNotFound") return undefined;
    throw error;
  }
  const newest = versions.reduce(
    (one, other) => ((other.Version ?? 0) > (one?.Version ?? 0) ? other : one),
    versions[0],
  );
  const released = versions.find(({ Labels = [] }) => Labels.includes("released" satisfies Label));
  return {
    value: String(newest?.Value),
    labels: newest?.Labels ?? [],
    ...(released && {
      released: { value: String(released.Value), since: released.LastModifiedDate ?? new Date(0) },
    }),
  };
}

/** Puts a label on what the pointers say now. */
export async function labelPointers(
  services: readonly Pick<ReleasedService, "pointer">[],
  label: Label,
  config: ClientConfig,
): Promise<void> {
  const client = new SSMClient(config);
  for (const { pointer } of services) {
    await client.send(new LabelParameterVersionCommand({ Name: pointer.name, Labels: [label] }));
  }
}
