import { Failure } from "../support/failure";
import { labelPointers, writePointers } from "../support/image-pointers";
import { NONE, type ReleasedService } from "../support/released-services";
import { type Step, runSteps } from "../support/steps";
import { RolloutFailed, failedRollouts, reasons } from "./failed-rollout";
import { applied, isEmpty, planned, shown } from "./plan";
import type { Prepared } from "./preparation";
import { checkRollout } from "./rollout-plan";
import type { Session } from "./session";
import { questions, smokeTest } from "./smoke-test";
import { isSettled } from "./standing";
import { raised, stopped, watched } from "./steady";
import type { Story } from "./story";

/**
 * Gives every service its new image and sees it run; what fails goes back to the images before.
 * @throws Failure with ECS's reasons, after the images before are back
 */
export async function rollOut(session: Session, prepared: Prepared, story: Story): Promise<void> {
  const { released, clients } = session;
  const { services } = released;
  const since = new Date();
  try {
    await runSteps([pointersStep(session, prepared, story)]);
    await planAndApply(session, prepared, story, since);
    story.chapter = "proving";
    await prove(session, prepared);
  } catch (error) {
    if (error instanceof RolloutFailed) await goBack(session, prepared, story, error, since);
    throw error;
  }
  await labelPointers(services, "released", clients);
}

function pointersStep({ released, clients }: Session, { wanted }: Prepared, story: Story): Step {
  return {
    title: "Image pointers",
    run: async () => {
      story.chapter = "pointing";
      const written = await writePointers(released.services, wanted, clients);
      if (released.migration) await labelPointers([released.migration.imageOf], "migrated", clients);
      return written.length > 0 ? written.join(", ") : "they name these images already";
    },
  };
}

/** The second plan has task definitions, services and their bounds only. */
async function planAndApply(session: Session, { wanted, earlier }: Prepared, story: Story, since: Date): Promise<void> {
  const { released, clients, again } = session;
  let empty = false;
  await runSteps([
    {
      title: "Plan of the rollout",
      run: async (tell) => {
        const plan = await planned(session, [], tell);
        empty = isEmpty(plan);
        if (empty) return "nothing to change";
        try {
          checkRollout(plan, released, again);
        } catch (error) {
          await writePointers(released.services, earlier, clients);
          throw error;
        }
        return shown(plan)
          .split("\n")[0]
          ?.replace(/^.*?: /, "")
          .replace(/\.$/, "");
      },
    },
  ]);
  if (empty) return;
  story.chapter = "rolling";
  await runSteps([
    {
      title: "Rollout",
      run: async (tell) => {
        await applied(session, tell).catch(async (error: unknown) => {
          const [failed] = await failedRollouts(released.services, wanted, since, clients).catch(() => []);
          throw failed ? new RolloutFailed(failed, "its new tasks did not become steady") : error;
        });
        return undefined;
      },
    },
  ]);
}

/** Each service is seen to run its image; those that had no task get one, for as long as it takes. Then the health URL is asked. */
async function prove(session: Session, { before, wanted }: Prepared): Promise<void> {
  const { released, clients, simulated } = session;
  const asleep = new Set(
    before
      .filter((it) => it.desired === 0 && !isSettled(it, wanted.get(it.service.path) ?? ""))
      .map(({ service }) => service.path),
  );
  const putBack: (() => Promise<void>)[] = [];
  const seen = async (service: ReleasedService, tell: (progress: string) => void): Promise<string> => {
    const image = wanted.get(service.path) ?? "";
    if (!asleep.has(service.path)) return tasks(await watched(service, image, clients, tell));
    const proof = await raised(service, clients);
    putBack.push(proof.putBack);
    return `${tasks(await watched(service, image, clients, tell, proof.deployment))}, raised from 0 to be seen`;
  };
  try {
    const title = (path: string): string => `${path} runs its image${simulated ? " (simulated)" : ""}`;
    const watch = released.services.map((service): Step => {
      return { title: title(service.path), run: (tell) => seen(service, tell) };
    });
    await runSteps(watch, { concurrent: true });
    const asked = await questions(session);
    await runSteps(
      released.services.flatMap((service): Step[] => {
        const question = asked.get(service.path);
        if (question === undefined) return [];
        const title = `${question.url.href} answers${simulated ? " (simulated)" : ""}`;
        const run = async (tell: (progress: string) => void): Promise<string> => {
          await smokeTest(service, question, tell);
          return "200";
        };
        return [{ title, run }];
      }),
    );
  } finally {
    for (const back of putBack) await back();
  }
}

/** @throws Failure always: that the release failed, and what runs now */
async function goBack(
  session: Session,
  { earlier, names }: Prepared,
  story: Story,
  { service, message }: RolloutFailed,
  since: Date,
): Promise<never> {
  const { released, clients, stack, log, again } = session;
  const why = await reasons(service, since, clients).catch(() => []);
  story.chapter = "restoring";
  console.log(`\n${service.path}: ${message}\n${why.map((line) => `  ${line}`).join("\n")}\n`);
  await runSteps([
    {
      title: "Image pointers back",
      run: async () => {
        const written = await writePointers(released.services, earlier, clients);
        return written.join(", ") || "they are";
      },
    },
    {
      title: "Rollout back",
      run: async (tell) => {
        if (isEmpty(await planned(session, [], tell))) return "nothing to change";
        await applied(session, tell);
        return undefined;
      },
    },
    {
      title: "What ran before",
      run: async (tell) => {
        for (const it of released.services) {
          const image = earlier.get(it.path) ?? NONE;
          if (image === NONE) await stopped(it, clients);
          else await watched(it, image, clients, tell);
        }
        return "runs again";
      },
    },
  ]);
  await labelPointers(
    released.services.filter(({ path }) => earlier.get(path) !== NONE),
    "released",
    clients,
  );
  story.chapter = "restored";
  const now = released.services.map(({ path }) => `${path} ${names.get(earlier.get(path) ?? "") ?? "nothing"}`);
  throw new Failure(
    [
      `The release of ${stack.deployment} failed: ${service.path}: ${message} (why: above).`,
      `Runs again: ${now.join(", ")}.`,
    ].join("\n"),
    { log, next: again },
  );
}

function tasks(count: number): string {
  return `${String(count)} ${count === 1 ? "task" : "tasks"}`;
}
