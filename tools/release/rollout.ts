import { Failure, Interrupted, told } from "../support/failure";
import { labelPointers, writePointers } from "../support/image-pointers";
import { NONE } from "../support/released-services";
import { type Step, runSteps } from "../support/steps";
import { RolloutFailed, UNSTEADY, beginning, failedRollouts, staysAlive } from "./failed-rollout";
import { applied, isEmpty, planned, shown } from "./plan";
import type { Prepared } from "./preparation";
import { goBack } from "./restoration";
import { checkRollout } from "./rollout-plan";
import type { Session } from "./session";
import { questions, smokeTest } from "./smoke-test";
import { type Standing, isSettled } from "./standing";
import { keptAwake, raised, watched } from "./steady";
import type { Story } from "./story";

/** What a rollout has to know of the release that it is part of. */
export interface Surroundings {
  /** Whether the database is as the new images want it. */
  readonly migrated: boolean;
  /** @throws Failure when the release's lock was lost */
  readonly check: () => void;
}

/**
 * Gives every service its new image and sees it run; what fails goes back to the images before.
 * @throws Failure with ECS's reasons, after the images before are back
 */
export async function rollOut(
  session: Session,
  prepared: Prepared,
  story: Story,
  { migrated, check }: Surroundings,
): Promise<void> {
  const { released, clients } = session;
  const { services } = released;
  const since = await beginning(services, clients);
  try {
    await runSteps([pointersStep(session, prepared, story, migrated)]);
    await planAndApply(session, prepared, story, since, check);
    story.chapter = "proving";
    await prove(session, prepared, since);
  } catch (error) {
    const other = !(error instanceof RolloutFailed || error instanceof Interrupted);
    // Of several that were watched at once one may have failed for another reason, of AWS or of the network.
    const failed = other && story.chapter === "proving" ? await blamed(session, prepared, error, since) : error;
    if (failed instanceof RolloutFailed) {
      check();
      await goBack(session, prepared, story, failed, since);
    }
    if (story.chapter === "pointing") await unpointed(session, prepared, story, check);
    throw error;
  }
  await labelPointers(services, "released", clients);
}

/** An error as the rollout that failed with it, where ECS took a service back. */
async function blamed(
  { released, clients }: Session,
  { wanted }: Prepared,
  error: unknown,
  since: Date,
): Promise<unknown> {
  const [failed] = await failedRollouts(released.services, wanted, since, clients).catch(() => []);
  return failed ? new RolloutFailed(failed, UNSTEADY) : error;
}

function pointersStep({ released, clients }: Session, { wanted }: Prepared, story: Story, migrated: boolean): Step {
  return {
    title: "Image pointers",
    run: async () => {
      story.chapter = "pointing";
      const written = await writePointers(released.services, wanted, clients);
      if (released.migration && migrated) await labelPointers([released.migration.imageOf], "migrated", clients);
      return written.length > 0 ? written.join(", ") : "they name these images already";
    },
  };
}

/** Before anything is rolled out, pointers at new images would be rolled out by whoever deploys next. */
async function unpointed(
  { released, clients }: Session,
  { before }: Prepared,
  story: Story,
  check: () => void,
): Promise<void> {
  const runs = new Map(before.map((it) => [it.service.path, it.runs ?? NONE]));
  try {
    check();
    await writePointers(released.services, runs, clients);
    story.chapter = "unpointed";
  } catch {
    // The story says that they may name the new images, and the next release mends it.
  }
}

/** The second plan has task definitions, services and their bounds only. */
async function planAndApply(
  session: Session,
  prepared: Prepared,
  story: Story,
  since: Date,
  check: () => void,
): Promise<void> {
  const { released, again } = session;
  let empty = false;
  await runSteps([
    {
      title: "Plan of the rollout",
      run: async (tell) => {
        const plan = await planned(session, [], tell);
        empty = isEmpty(plan);
        if (empty) return "nothing to change";
        checkRollout(plan, released, again);
        return shown(plan)
          .split("\n")[0]
          ?.replace(/^.*?: /, "")
          .replace(/\.$/, "");
      },
    },
  ]);
  if (empty) return;
  check();
  story.chapter = "rolling";
  await runSteps([
    {
      title: "Rollout",
      run: async (tell) => {
        await applied(session, tell).catch(async (error: unknown) => {
          throw await blamed(session, prepared, error, since);
        });
        return undefined;
      },
    },
  ]);
}

/**
 * Each service is seen to run its image; those that have no task get one, for as long as it takes. Then the health URL is
 * asked. A service that sleeps, and was seen to run this image before, sleeps on. One that had no task before the rollout
 * gets a deployment of its own: ECS took Terraform's for complete with none, and no circuit breaker watches what is started
 * in a complete one (docs/adr/0039).
 */
async function prove(session: Session, { before, wanted }: Prepared, since: Date): Promise<void> {
  const { released, clients, simulated } = session;
  const asleep: string[] = [];
  const putBack: (() => Promise<void>)[] = [];
  const seen = async (stood: Standing, tell: (progress: string) => void): Promise<string> => {
    const { service, desired } = stood;
    const image = wanted.get(service.path) ?? "";
    const isProven = isSettled(stood, image);
    let running = isProven || desired > 0 ? await watched(service, image, clients, tell) : 0;
    if (isProven) {
      if (running > 0) return tasks(running);
      asleep.push(service.path);
      return "sleeps, and was seen to run it before";
    }
    let slept = false;
    if (running === 0) {
      slept = await keptAwake(service, clients, putBack);
      running = await watched(service, image, clients, tell, await raised(service, clients));
    }
    if (!service.health) await staysAlive(service, since, clients, tell);
    return `${tasks(running)}${slept ? ", raised from 0 to be seen" : ""}`;
  };
  try {
    const title = (path: string): string => `${path} runs its image${simulated ? " (simulated)" : ""}`;
    const watch = before.map((stood): Step => {
      return { title: title(stood.service.path), run: (tell) => seen(stood, tell) };
    });
    await runSteps(watch, { concurrent: true });
    const asked = await questions(session);
    await runSteps(
      released.services.flatMap((service): Step[] => {
        const question = asked.get(service.path);
        if (question === undefined || asleep.includes(service.path)) return [];
        const title = `${question.url.href} answers${simulated ? " (simulated)" : ""}`;
        const run = async (tell: (progress: string) => void): Promise<string> => {
          await smokeTest(service, question, tell);
          return "200";
        };
        return [{ title, run }];
      }),
    );
  } finally {
    for (const end of await Promise.allSettled(putBack.map((back) => back()))) {
      if (end.status === "rejected") console.error(end.reason instanceof Failure ? told(end.reason) : end.reason);
    }
  }
}

function tasks(count: number): string {
  return `${String(count)} ${count === 1 ? "task" : "tasks"}`;
}
