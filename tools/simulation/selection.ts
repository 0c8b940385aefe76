import { Failure } from "../support/failure";
import { type StackFolder } from "../support/stack-folder";
import { type Load } from "./load";
import { loads } from "./loads";
import { type ServiceModel } from "./stack";

/** What is to be simulated. */
export interface Selection {
  /** Names of loads. @default all that the services take */
  readonly load?: readonly string[];
  /** A service's id in the stack. @default all that scale */
  readonly service?: string;
}

/**
 * The service that was asked for, or all that scale.
 * @param services those that scale, by id
 * @throws Failure when there is none
 */
export function chosenServices(
  services: ReadonlyMap<string, ServiceModel>,
  { system, environment }: Pick<StackFolder, "system" | "environment">,
  { service: wanted }: Selection,
  again: string,
): ServiceModel[] {
  const ids = [...services.keys()];
  const [first] = ids;
  if (first === undefined) {
    throw new Failure(`No service of ${system}'s ${environment} scales, so there is nothing to simulate.`, {
      next: `SYSTEM=flow-builder ${again} ${environment}`,
    });
  }
  const found = [...services].filter(([id]) => wanted === undefined || id === wanted).map(([, service]) => service);
  if (found.length > 0) return found;
  throw new Failure(`--service: expected one of ${ids.join(", ")}, got "${String(wanted)}".`, {
    next: `${again} ${environment} --service ${first}`,
  });
}

/**
 * Each service with each load of the kind that it takes, of those that were asked for.
 * @throws Failure when no service takes any of them
 */
export function chosenRuns(
  services: readonly ServiceModel[],
  environment: string,
  { load: names, service }: Selection,
  again: string,
): (readonly [ServiceModel, Load])[] {
  const taken = services.flatMap((one) =>
    loads.filter(({ kind }) => kind === kindOf(one)).map((load) => [one, load] as const),
  );
  const found = taken.filter(([, { name }]) => names === undefined || names.includes(name));
  if (found.length > 0) return found;
  const who = services.map(({ name }) => name).join(", ");
  const [first] = taken;
  if (!first) throw new Failure(`${who}: scales on neither a queue nor a load balancer, so no load fits.`);
  const fitting = [...new Set(taken.map(([, { name }]) => name))];
  const only = service === undefined ? "" : ` --service ${service}`;
  throw new Failure(`--load: expected one of ${fitting.join(", ")} for ${who}, got ${String(names?.join(", "))}.`, {
    next: `${again} ${environment}${only} --load ${first[1].name}`,
  });
}

/** What a service scales on; undefined when that is neither a queue nor a load balancer. */
function kindOf({ queue, target }: ServiceModel): Load["kind"] | undefined {
  if (queue) return "messages";
  return target && "requests";
}
