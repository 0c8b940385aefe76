import { standings as standingsOf } from "../release/standing";
import type { ClientConfig } from "../support/aws-clients";
import { Failure } from "../support/failure";
import { digestOf } from "../support/ecr-images";
import { NONE, type ReleasedService } from "../support/released-services";

/** What a service is told to run, and what it runs. */
export interface Standing {
  readonly service: ReleasedService;
  /** What its pointer names; `none` before the first release, and where there is no pointer yet. */
  readonly pointer: string;
  /** Whether a release saw the service run what its pointer names. */
  readonly proven: boolean;
  /** The image of its task definition; undefined where there is no such service. */
  readonly runs?: string;
  /** Whether tasks are being exchanged right now. */
  readonly rollingOut: boolean;
}

/** What the services of a deployment stand at, in their order. */
export async function standings(services: readonly ReleasedService[], clients: ClientConfig): Promise<Standing[]> {
  const all = await standingsOf(services, clients);
  return all.map(({ pointer: { value: pointer = NONE, labels = [] } = {}, service, runs, rollingOut }) => {
    return { service, pointer, proven: labels.includes("released"), ...(runs && { runs }), rollingOut };
  });
}

/**
 * The digests that a deployment runs, by image.
 * @throws Failure when nothing is released, when it is not certain what runs, or when it is named by a tag alone
 */
export function digestsRun(deployment: string, all: readonly Standing[], release: string): Map<string, string> {
  if (all.length === 0) throw new Failure(`${deployment} has no services that run images: nothing can be promoted.`);
  const problems = all.flatMap(({ service: { path }, pointer, proven, runs, rollingOut }) => {
    if (pointer === NONE) return [`${path}: nothing is released`];
    if (digestOf(pointer) === undefined) return [`${path}: its pointer names a tag, not a digest: ${pointer}`];
    if (rollingOut) return [`${path}: is being rolled out right now`];
    if (runs !== pointer) return [`${path}: runs ${runs ?? "nothing"}, but its pointer names ${pointer}`];
    return proven ? [] : [`${path}: no release saw it run ${pointer.replace(/^.*\//, "")}`];
  });
  const digests = new Map<string, string>();
  for (const { service, pointer } of all) {
    const { image } = service.repository;
    const digest = digestOf(pointer) ?? "";
    const other = digests.get(image);
    if (other !== undefined && other !== digest)
      problems.push(`${service.path}: runs another image than its neighbours`);
    digests.set(image, digest);
  }
  if (problems.length === 0) return digests;
  const lines = problems.map((problem) => `- ${problem}`);
  throw new Failure(
    `${deployment} runs nothing that could be promoted as it is:\n${lines.join("\n")}\nNothing was changed.`,
    { next: release },
  );
}
