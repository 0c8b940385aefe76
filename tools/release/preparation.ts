import { systems } from "../../stacks";
import { refused } from "../check-plan/refused";
import type { PlanReview } from "../check-plan/review";
import { digestOf, findImage, repositoryUrl } from "../support/ecr-images";
import { Failure } from "../support/failure";
import { writePointers } from "../support/image-pointers";
import type { PreparedImage } from "../support/image-preparation";
import { agreed, canAsk } from "../support/question";
import type { ReleasedService } from "../support/released-services";
import { type Step, runSteps } from "../support/steps";
import { asRequest } from "./image-origins";
import { imageName, imagesTable } from "./images-table";
import { isEmpty, makeRepositories, planned, shown } from "./plan";
import type { ReleaseOptions } from "./release";
import type { Session } from "./session";
import { type Standing, earlier, standings, strayPointers } from "./standing";
import type { Story } from "./story";

/** A release that is known, and not begun. */
export interface Prepared {
  readonly before: readonly Standing[];
  /** By the services' paths. */
  readonly wanted: ReadonlyMap<string, string>;
  /** What each goes back to. */
  readonly earlier: ReadonlyMap<string, string>;
  /** Of the infrastructure. */
  readonly plan: PlanReview;
  /** What an image is called, by its reference. */
  readonly names: ReadonlyMap<string, string>;
}

/** The images in their repositories, and the plan of the infrastructure with the images that run, both shown. Nothing that runs is changed. */
export async function prepared(session: Session, { images, allowed }: ReleaseOptions, story: Story): Promise<Prepared> {
  const { released, clients } = session;
  const { services, repositories } = released;
  const origin = images(session);
  let supplied: readonly PreparedImage[] = [];
  let before: readonly Standing[] = [];
  let plan: PlanReview | undefined;
  const imagesStep: Step = {
    title: origin.title,
    run: async (tell) => {
      supplied = await origin.provide(repositories.map(asRequest), tell);
      story.chapter = "prepared";
      return supplied.map(suppliedAs).join(", ");
    },
  };
  await runSteps([
    ...(repositories.length > 0 ? [repositoriesStep(session, allowed, story), imagesStep] : []),
    {
      title: "What runs",
      run: async () => {
        before = await standings(services, clients);
        const written = await writePointers(services, strayPointers(before), clients);
        if (written.length === 0) return undefined;
        return `the pointers of ${written.join(", ")} named images of a release that broke off, and name what runs again`;
      },
    },
    {
      title: "Plan of the infrastructure",
      run: async (tell) => {
        plan = await planned(session, allowed, tell);
        return isEmpty(plan) ? "nothing to change" : undefined;
      },
    },
  ]);
  const wanted = wantedBy(services, supplied);
  const names = await named(before, wanted, supplied, session);
  const review = plan as unknown as PlanReview;
  const earlierImages = new Map(before.map((it) => [it.service.path, earlier(it, wanted.get(it.service.path) ?? "")]));
  return { before, wanted, earlier: earlierImages, plan: review, names };
}

/** Before there are any, nothing can be pushed; everything else waits for the plan that is shown. */
function repositoriesStep(session: Session, allowed: readonly string[], story: Story): Step {
  const { repositories } = session.released;
  return {
    title: "Repositories",
    run: async (tell) => {
      const urls = await Promise.all(repositories.map(({ name }) => repositoryUrl(name, session.clients)));
      story.chapter = "repositories";
      const missing = repositories.filter((_, index) => urls[index] === undefined);
      if (missing.length === 0) return "there";
      await makeRepositories(session, missing, allowed, tell);
      return missing.map(({ name }) => name).join(", ");
    },
  };
}

/** What will change, for people. @throws Failure where the plan loses what holds data and nobody allowed it */
export function show({ before, wanted, plan, names }: Prepared): void {
  if (before.length > 0) {
    const rows = before.map(({ service, runs }) => {
      const [now, then] = [runs, wanted.get(service.path)].map((image) => names.get(image ?? "") ?? imageName(image));
      return { service: service.path, runs: now ?? "", then: now === then ? "the same" : (then ?? "") };
    });
    console.log(`\n${imagesTable(rows)}\n`);
  }
  console.log(`${shown(plan)}\n`);
  if (plan.refusals.length > 0) throw refused(plan);
}

/**
 * Asks before the first change of an environment that holds data for good (`protect`).
 * @returns whether to go on
 * @throws Failure where nobody is there who could be asked
 */
export async function consented({ stack, environment, again }: Session, { yes }: ReleaseOptions): Promise<boolean> {
  const protectedData = systems[stack.system]?.environments[environment]?.protect ?? false;
  if (yes || !protectedData) return true;
  if (canAsk()) return agreed(`Release ${stack.deployment}?`);
  throw new Failure(
    `${stack.deployment} is protected, so a release asks before it changes anything, and nobody is there who could answer.`,
    { next: `${again} --yes` },
  );
}

function wantedBy(services: readonly ReleasedService[], images: readonly PreparedImage[]): Map<string, string> {
  const references = new Map(images.map(({ image, reference }) => [image, reference]));
  return new Map(services.map(({ path, repository }) => [path, references.get(repository.image) ?? ""]));
}

/** "api v0.5.1", "api 4f2a9c11b0de, built and pushed". */
function suppliedAs({ image, tag, digest, built }: PreparedImage): string {
  return `${image} ${tag ?? digest.slice(0, 19)}${built ? ", built and pushed" : ""}`;
}

/** Images by the tags that their repository has of them. */
async function named(
  before: readonly Standing[],
  wanted: ReadonlyMap<string, string>,
  images: readonly PreparedImage[],
  { clients }: Session,
): Promise<Map<string, string>> {
  const tags = new Map(images.map(({ reference, tag }) => [reference, tag === undefined ? [] : [tag]]));
  for (const { service, runs } of before) {
    for (const image of [runs, wanted.get(service.path)]) {
      const digest = digestOf(image ?? "");
      if (image === undefined || digest === undefined || tags.has(image)) continue;
      tags.set(image, (await findImage(service.repository.name, { digest }, clients))?.tags.slice() ?? []);
    }
  }
  return new Map([...tags].map(([image, known]) => [image, imageName(image, known)]));
}
