import { GetParametersCommand, PutParameterCommand, SSMClient } from "@aws-sdk/client-ssm";
import type { ClientConfig } from "./aws-clients";
import type { ReleasedService } from "./released-services";

/** What services run, or will after an apply: by their paths, an image or `none`. One that was never deployed is missing. */
export type Pointers = ReadonlyMap<string, string>;

/** GetParameters takes ten at a time. */
const AT_ONCE = 10;

export async function readPointers(
  services: readonly Pick<ReleasedService, "path" | "pointer">[],
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
    await client.send(new PutParameterCommand({ Name: pointer.name, Value, Overwrite: true }));
    written.push(path);
  }
  return written;
}
