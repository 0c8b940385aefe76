import { Failure } from "../support/failure";
import { labelPointers, writePointers } from "../support/image-pointers";
import { NONE, type ReleasedService } from "../support/released-services";
import { type Step, runSteps } from "../support/steps";
import { RolloutFailed, UNSTEADY, failedRollouts, reasons } from "./failed-rollout";
import { imageName } from "./images-table";
import { applied, isEmpty, planned } from "./plan";
import type { Prepared } from "./preparation";
import { checkRollout } from "./rollout-plan";
import type { Session } from "./session";
import { stopped, watched } from "./steady";
import type { Story } from "./story";

/**
 * Goes back to the images before a release that failed.
 * @throws Failure always: that it failed, and what runs now
 */
export async function goBack(
  session: Session,
  prepared: Prepared,
  story: Story,
  { service, message }: RolloutFailed,
  since: Date,
): Promise<never> {
  const { released, clients, stack, log, again } = session;
  const { earlier, names } = prepared;
  const { services } = released;
  const found = await failedRollouts(services, prepared.wanted, since, clients).catch(() => []);
  const others = found.filter(({ path }) => path !== service.path);
  for (const it of [service, ...others]) {
    const why = await reasons(it, since, clients).catch(() => []);
    const what = it === service ? message : UNSTEADY;
    console.log(`\n${it.path}: ${what}\n${why.map((line) => `  ${line}`).join("\n")}\n`);
  }
  story.chapter = "failed";
  // Not a step: after a ctrl-C too, so that whoever deploys next goes back.
  await writePointers(services, earlier, clients);
  story.chapter = "restoring";
  const too = others.length > 0 ? `; likewise ${others.map(({ path }) => path).join(", ")}` : "";
  const failure = `The release of ${stack.deployment} failed: ${service.path}: ${message}${too} (why: above).`;
  try {
    await runSteps(restoring(session, prepared));
  } catch (error) {
    if (!(error instanceof RolloutFailed)) throw error;
    throw new Failure(
      [failure, `What ran before does not run again either: ${error.service.path}: ${error.message}.`].join("\n"),
      { log, next: `aws ecs describe-services --cluster ${service.cluster} --services ${error.service.name}` },
    );
  }
  const image = ({ path }: ReleasedService): string => earlier.get(path) ?? NONE;
  const stayed = services.filter((it) => image(it) !== NONE && image(it) === prepared.wanted.get(it.path));
  // The pointers were written anew; an image that no release saw to its end is not known to be good by having run before.
  const known = prepared.before
    .filter(({ service, pointer }) => image(service) !== NONE && image(service) === pointer?.released?.value)
    .map(({ service }) => service);
  await labelPointers(known, "released", clients);
  story.chapter = "restored";
  const now = services.map((it) => {
    const stays = stayed.includes(it) ? ", to which nothing earlier is known" : "";
    return `${it.path} ${names.get(image(it)) ?? imageName(image(it))}${stays}`;
  });
  throw new Failure([failure, `Runs again: ${now.join("; ")}.`].join("\n"), {
    log,
    next: again,
  });
}

/** The rollout of the images before, whose pointers are written. */
function restoring(session: Session, { earlier }: Prepared): Step[] {
  const { released, clients, again } = session;
  const toStop = released.services.filter(({ path }) => (earlier.get(path) ?? NONE) === NONE);
  const stopAll = async (): Promise<void> => {
    for (const service of toStop) await stopped(service, clients);
  };
  return [
    {
      title: "Rollout back",
      run: async (tell) => {
        // First: Terraform would wait for tasks of an image that is in no registry to become steady.
        await stopAll();
        const plan = await planned(session, [], tell);
        if (isEmpty(plan)) return "nothing to change";
        checkRollout(plan, released, again);
        await applied(session, tell);
        return undefined;
      },
    },
    {
      title: "What ran before",
      run: async (tell) => {
        await stopAll();
        for (const service of released.services.filter((it) => !toStop.includes(it))) {
          await watched(service, earlier.get(service.path) ?? NONE, clients, tell);
        }
        return toStop.length === released.services.length ? "nothing did" : "runs again";
      },
    },
  ];
}
