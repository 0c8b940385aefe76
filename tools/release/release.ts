import type { ImageOrigin } from "../support/image-origin";
import { withReleaseLock } from "../support/release-lock";
import { checkNoneShifts, shiftSteps, shiftedFunctions } from "../support/shift-steps";
import { runSteps } from "../support/steps";
import { type Migration, migrationOf, migrationStep } from "./migration";
import { applied, isEmpty } from "./plan";
import { preflight } from "./preflight";
import { type Prepared, consented, prepared, show } from "./preparation";
import { rollOut } from "./rollout";
import { Session, type Worker } from "./session";
import { isSettled } from "./standing";
import { Story } from "./story";
import { summary } from "./summary";

/** Where a release has its images from, once it is known what is released. */
export type Images = (session: Session) => ImageOrigin;

export interface ReleaseOptions {
  /** "dev" */
  readonly environment: string;
  /** What it does, for whoever meets its lock: "release", "promotion". */
  readonly what: string;
  /** The whole command, to be run again. */
  readonly again: string;
  readonly images: Images;
  /** Who releases. @default whom the process's environment names */
  readonly there?: Worker;
  /**
   * Whether the database is migrated before anything runs the new images: unless this image did so before, even then (the
   * database was restored since), or not at all.
   */
  readonly migrate: "once" | "again" | "never";
  /** The addresses that the plan of the infrastructure may delete, replace, forget or protect less. */
  readonly allowed: readonly string[];
  /** Whether the question before the first change is answered. */
  readonly yes: boolean;
  /** Whether it ends when all is shown, before anything that runs is changed. */
  readonly planOnly: boolean;
}

/**
 * Releases the deployment that SYSTEM, PREFIX and the branch choose: images, infrastructure, migration, rollout, smoke test. Every step can be
 * repeated; a release that broke off goes on where it was.
 * @throws Failure or Interrupted that says what happened, what state things are in, and the next command
 */
export async function release(options: ReleaseOptions): Promise<void> {
  const { environment, what, images, there } = options;
  const session = new Session(environment, what, options.again, there);
  const { again } = session;
  const story = new Story();
  try {
    await runSteps(preflight(session, images));
    await withReleaseLock(
      session.stack,
      what,
      session.clients,
      (lock) =>
        locked(session, options, story, () => {
          lock.check();
        }),
      {
        again,
      },
    );
  } catch (error) {
    throw await story.ended(error, session);
  }
}

async function locked(session: Session, options: ReleaseOptions, story: Story, check: () => void): Promise<void> {
  const begun = Date.now();
  const known = await prepared(session, options, story);
  show(known);
  if (options.planOnly) {
    console.log("Nothing that runs was changed: that was all that a plan needs.");
    return;
  }
  const migration = migrationOf(session, known.wanted);
  if (nothingToDo(session, known, options, migration)) {
    console.log(`Nothing to change: ${session.stack.deployment} runs this already.`);
    return;
  }
  const { environment, clients, stack } = session;
  if (!isEmpty(known.plan)) await checkNoneShifts(shiftedFunctions(stack.folder), environment, clients);
  if (!(await consented(session, options))) {
    console.log(story.state);
    return;
  }
  check();
  await infrastructure(session, known, options, story, migration);
  check();
  if (session.released.services.length > 0) {
    await rollOut(session, known, story, { migrated: options.migrate !== "never", check });
  }
  story.chapter = "shifting";
  await shift(session);
  story.chapter = "done";
  console.log(`\n${await summary(session, known, begun)}`);
}

async function infrastructure(
  session: Session,
  known: Prepared,
  options: ReleaseOptions,
  story: Story,
  migration: Migration,
): Promise<void> {
  await runSteps([
    {
      title: "Infrastructure",
      run: async (tell) => {
        if (isEmpty(known.plan)) return "nothing to change";
        story.chapter = "infrastructure";
        await applied(session, tell);
        return undefined;
      },
    },
    migrationStep(session, migration, skipped(session, known, options), story),
  ]);
}

/** Why there is nothing to migrate; undefined where there is. */
function skipped({ released }: Session, { before, wanted }: Prepared, { migrate }: ReleaseOptions): string | undefined {
  if (migrate === "never") return "skipped (--skip-migrate)";
  if (migrate === "again") return undefined;
  const of = before.find(({ service }) => service.path === released.migration?.imageOf.path);
  const { value, labels = [] } = of?.pointer ?? {};
  const done = of !== undefined && value === wanted.get(of.service.path) && labels.includes("migrated");
  return done ? "was done by this image" : undefined;
}

/** Functions that migrate or are shifted are asked each time, which takes seconds. */
function nothingToDo(session: Session, known: Prepared, options: ReleaseOptions, migration: Migration): boolean {
  const { before, wanted, plan } = known;
  const migrated =
    migration.by === "nothing" || (migration.by === "task" && skipped(session, known, options) !== undefined);
  const settled = before.every((it) => isSettled(it, wanted.get(it.service.path) ?? ""));
  return isEmpty(plan) && settled && migrated && shiftedFunctions(session.stack.folder).length === 0;
}

async function shift({ stack, clients, again }: Session): Promise<void> {
  const functions = shiftedFunctions(stack.folder);
  if (functions.length > 0) await runSteps(shiftSteps(functions, clients, again), { concurrent: true });
}
