import type { Invocation } from "../../modules/ecs/one-off-task";
import { terraform } from "../support/cdktf";
import { Failure } from "../support/failure";
import { liveFunctions } from "../support/live-functions";
import { invokeMigrate, migrateFunction } from "../support/migrate-function";
import type { Step } from "../support/steps";
import { type Ended, runOnce } from "./one-off-task";
import type { Session } from "./session";
import type { Story } from "./story";

/** How a system's database is migrated: by a task with the new image, by its own function, or not by a release. */
export type Migration =
  | { readonly by: "task"; readonly image: string; readonly output: string }
  | { readonly by: "function" }
  | { readonly by: "nothing" };

export function migrationOf({ released, stack }: Session, images: ReadonlyMap<string, string>): Migration {
  const { output, imageOf } = released.migration ?? {};
  const image = imageOf && images.get(imageOf.path);
  if (output !== undefined && image !== undefined) return { by: "task", image, output };
  return { by: liveFunctions(stack.folder).some(({ path }) => path === "migrate") ? "function" : "nothing" };
}

/** The step that migrates, before anything runs the new image. @throws Failure when it fails: the pointers are still the old ones */
export function migrationStep(
  session: Session,
  migration: Migration,
  skip: string | undefined,
  story: Pick<Story, "chapter">,
): Step {
  return {
    title: "Migration",
    log: true,
    run: async (tell) => {
      if (migration.by === "nothing") return "none: the system's own code does it, or there is no database";
      if (skip !== undefined) return skip;
      story.chapter = "migrating";
      if (migration.by === "function") return byFunction(session, tell);
      const invocation = await invocationOf(session, migration.output);
      const ended = await runOnce(invocation, migration.image, session.clients, tell);
      if (ended.exitCode !== 0) throw failed(session, invocation, ended);
      return "exit code 0";
    },
  };
}

async function byFunction({ stack, clients, environment }: Session, tell: (line: string) => void): Promise<string> {
  const migrator = { name: migrateFunction(stack), environment, clients };
  const { applied } = await invokeMigrate(migrator, { command: "up" }, tell);
  return applied.length > 0 ? `applied ${applied.join(", ")}` : "up to date";
}

/** What the stack's output says of the task; the state has it. */
async function invocationOf({ stack, context, env, log }: Session, output: string): Promise<Invocation> {
  const { lines } = await terraform(stack.folder, ["output", "-json", output], context, { env, log, answer: true });
  return JSON.parse(lines.join("\n")) as Invocation;
}

function failed({ stack, again, log }: Session, { log_group }: Invocation, { exitCode, why }: Ended): Failure {
  const what = exitCode === undefined ? "did not run to its end" : `failed with exit code ${String(exitCode)}`;
  return new Failure(
    `The migration of ${stack.deployment} ${what} (${why}). What it did before may stay in the database; the services run what they ran, and no pointer was written. Its log is in ${log_group}. Mend it and release again; docs/runbook.md says how a migration is taken back.`,
    { log, next: again },
  );
}
