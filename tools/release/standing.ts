import { DescribeServicesCommand, DescribeTaskDefinitionCommand, ECSClient, type Service } from "@aws-sdk/client-ecs";
import type { ClientConfig } from "../support/aws-clients";
import { type LabelledPointer, labelledPointer } from "../support/image-pointers";
import { NONE, type ReleasedService } from "../support/released-services";

/** How a service stands. */
export interface Standing {
  readonly service: ReleasedService;
  /** What ECS lets it run: an image, or `none`. @default it is not deployed */
  readonly runs?: string;
  /** How many tasks of it are wanted. */
  readonly desired: number;
  /** Whether tasks are being exchanged right now. */
  readonly rollingOut: boolean;
  /** @default it is not deployed */
  readonly pointer?: LabelledPointer;
}

/** How the services of a deployment stand, in their order. */
export async function standings(services: readonly ReleasedService[], clients: ClientConfig): Promise<Standing[]> {
  return Promise.all(
    services.map(async (service) => {
      const [found, pointer] = await Promise.all([
        describeService(service, clients),
        labelledPointer(service.pointer.name, clients),
      ]);
      const runs = found && (await imageOf(service, String(found.taskDefinition), clients));
      const desired = found?.desiredCount ?? 0;
      const rollingOut = found?.deployments?.some(({ rolloutState }) => rolloutState === "IN_PROGRESS") ?? false;
      return { service, desired, rollingOut, ...(runs && { runs }), ...(pointer && { pointer }) };
    }),
  );
}

/** What ECS says of a service; undefined where there is none. */
export async function describeService(
  { cluster, name }: Pick<ReleasedService, "cluster" | "name">,
  clients: ClientConfig,
): Promise<Service | undefined> {
  try {
    const request = new DescribeServicesCommand({ cluster, services: [name] });
    const { services = [] } = await new ECSClient(clients).send(request);
    return services.find(({ status }) => status === "ACTIVE");
  } catch (error) {
    if ((error as Error).name === "ClusterNotFoundException") return undefined;
    throw error;
  }
}

/** The image of a task definition: `none` for the one before the first release. */
export async function imageOf(
  { task }: Pick<ReleasedService, "task">,
  taskDefinition: string,
  clients: ClientConfig,
): Promise<string> {
  const request = new DescribeTaskDefinitionCommand({ taskDefinition });
  const { taskDefinition: found } = await new ECSClient(clients).send(request);
  const containers = found?.containerDefinitions ?? [];
  // By another name before the construct was moved: what runs is no `none`, which would stop it.
  const image = (containers.find(({ name }) => name === task.container) ?? containers[0])?.image ?? NONE;
  return image.endsWith(`:${NONE}`) ? NONE : image;
}

/**
 * What a service goes back to when the release fails: what it runs now; where that is the new image already, or one that
 * is still being rolled out, of a release that broke off, what was last seen to run before. A service that never was seen
 * to run another stays.
 */
export function earlier({ runs, rollingOut, pointer }: Standing, wanted: string): string {
  if (runs === undefined) return NONE;
  return runs === wanted || rollingOut ? (pointer?.released?.value ?? runs) : runs;
}

/** Where a broken-off release left a pointer at an image that its service does not run: the pointer as the service is. */
export function strayPointers(all: readonly Standing[]): Map<string, string> {
  return new Map(
    all.flatMap(({ service, runs, pointer }) =>
      runs !== undefined && pointer !== undefined && pointer.value !== runs ? [[service.path, runs] as const] : [],
    ),
  );
}

/** Whether a service was seen to run the image, and nothing has changed it since. */
export function isSettled({ runs, pointer }: Standing, wanted: string): boolean {
  return runs === wanted && pointer?.value === wanted && pointer.labels.includes("released");
}
