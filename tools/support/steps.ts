import { Listr } from "listr2";
import { checkInterrupted, passSignalsOn } from "./run";

/** One line of what a command does. */
export interface Step {
  readonly title: string;
  /** Does it; `tell` shows how far it is. What it returns is added to the title: "already there". */
  readonly run: (tell: (progress: string) => void) => Promise<string | undefined>;
}

/** Without a terminal each line stays: one in ten seconds says that it is alive. */
const PLAIN_INTERVAL = 10_000;

/** Runs steps one after another and shows them: in place on a terminal, as plain lines elsewhere and in CI. */
export async function runSteps(steps: readonly Step[]): Promise<void> {
  const live = process.stdout.isTTY && !process.env["CI"];
  let show = (message: string): void => {
    console.log(message);
  };
  passSignalsOn((message) => {
    show(message);
  });
  if (!live) {
    for (const { title, run } of steps) await plain(title, run);
    return;
  }
  const tasks = steps.map(({ title, run }) => ({
    title,
    task: async (_: unknown, task: { title: string; output: string }): Promise<void> => {
      show = (message) => {
        task.title = `${title} (${message})`;
      };
      const started = Date.now();
      const outcome = await run((progress) => {
        task.output = progress;
      });
      task.title = ended(title, outcome, started);
    },
  }));
  await new Listr(tasks, {
    registerSignalListeners: false,
    rendererOptions: { showErrorMessage: false, collapseErrors: false },
  }).run();
}

async function plain(title: string, run: Step["run"]): Promise<void> {
  checkInterrupted();
  console.log(`${title} …`);
  const started = Date.now();
  let told = started;
  const outcome = await run((progress) => {
    if (Date.now() - told < PLAIN_INTERVAL) return;
    told = Date.now();
    console.log(`  ${progress}`);
  });
  console.log(ended(title, outcome, started));
}

function ended(title: string, outcome: string | undefined, started: number): string {
  const seconds = Math.round((Date.now() - started) / 1000);
  const notes = [...(outcome ? [outcome] : []), ...(seconds > 0 ? [`${String(seconds)} s`] : [])];
  return notes.length > 0 ? `${title}: ${notes.join(", ")}` : title;
}
