import { Listr } from "listr2";
import { checkInterrupted, passSignalsOn } from "./run";

/** One line of what a command does. */
export interface Step {
  readonly title: string;
  /** Does it; `tell` shows how far it is. What it returns is added to the title: "already there". */
  readonly run: (tell: (progress: string) => void) => Promise<string | undefined>;
  /** Whether all that is told stays to be read: a log. @default false: it is how far the step is */
  readonly log?: boolean;
}

/** Without a terminal each line stays: one in ten seconds says that it is alive. */
const PLAIN_INTERVAL = 10_000;

/** Of a log, on a terminal: the last ones. */
const LOG_LINES = 20;

export interface Options {
  /** All at once; one that throws does not stop the others. @default false: one after another */
  readonly concurrent?: boolean;
}

/** The tasks on the terminal that are under way, the newest last; one that has ended has no place for a message any more. */
const underWay: { output: string }[] = [];
let listening = false;

/** Runs steps and shows them: in place on a terminal, as plain lines elsewhere and in CI. */
export async function runSteps(steps: readonly Step[], { concurrent = false }: Options = {}): Promise<void> {
  if (!listening) {
    listening = true;
    passSignalsOn((message) => {
      const task = underWay.at(-1);
      if (task) task.output = message;
      else console.log(message);
    });
  }
  // Without a width each letter would have a line of its own.
  const live = process.stdout.isTTY && process.stdout.columns > 0 && !process.env["CI"];
  await (live ? onTerminal(steps, concurrent) : asLines(steps, concurrent));
}

async function onTerminal(steps: readonly Step[], concurrent: boolean): Promise<void> {
  const errors: unknown[] = [];
  const tasks = steps.map(({ title, run, log = false }) => ({
    title,
    rendererOptions: log ? { outputBar: LOG_LINES, persistentOutput: true } : {},
    task: async (_: unknown, task: { title: string; output: string }): Promise<void> => {
      checkInterrupted();
      underWay.push(task);
      const started = Date.now();
      try {
        const outcome = await run((progress) => {
          task.output = progress;
        });
        task.title = ended(title, outcome, started);
      } catch (error) {
        errors.push(error);
        throw error;
      } finally {
        underWay.splice(underWay.indexOf(task), 1);
      }
    },
  }));
  // Those that run at once are all waited for: none may go on behind the back of what comes next.
  const options = { concurrent, exitOnError: !concurrent, registerSignalListeners: false };
  await new Listr(tasks, { ...options, rendererOptions: { showErrorMessage: false, collapseErrors: false } }).run();
  if (errors.length > 0) throw errors[0];
}

async function asLines(steps: readonly Step[], concurrent: boolean): Promise<void> {
  if (!concurrent) {
    for (const step of steps) await plain(step);
    return;
  }
  const ends = await Promise.allSettled(steps.map((step) => plain(step)));
  const failed = ends.find((end) => end.status === "rejected");
  if (failed) throw failed.reason;
}

async function plain({ title, run, log = false }: Step): Promise<void> {
  checkInterrupted();
  console.log(`${title} …`);
  const started = Date.now();
  let told = started;
  const outcome = await run((progress) => {
    if (!log && Date.now() - told < PLAIN_INTERVAL) return;
    told = Date.now();
    console.log(`  ${title}: ${progress}`);
  });
  console.log(ended(title, outcome ?? "done", started));
}

function ended(title: string, outcome: string | undefined, started: number): string {
  const seconds = Math.round((Date.now() - started) / 1000);
  const notes = [...(outcome ? [outcome] : []), ...(seconds > 0 ? [`${String(seconds)} s`] : [])];
  return notes.length > 0 ? `${title}: ${notes.join(", ")}` : title;
}
