import { directionChanges, drainBound, isBurst, violations, wakeBound } from "./guarantees";
import { type Run } from "./simulation";

/**
 * US dollars for an hour of one vCPU and of one GB on Fargate for Linux on ARM, in us-east-1; Spot is up to 70 % less.
 * https://aws.amazon.com/fargate/pricing/ Rough on purpose: regions differ, and Spot changes.
 */
const PRICE = { cpu: 0.03238, memory: 0.00356, spot: 0.3 };

/** What is told of a run, by the table's columns. */
export interface Figures {
  readonly load: string;
  readonly wake: string;
  readonly drained: string;
  readonly tasks: string;
  readonly turns: string;
  readonly taskMinutes: string;
  readonly cost: string;
  readonly kept: string;
}

const HEADINGS: Figures = {
  load: "load",
  wake: "woke after (at most)",
  drained: "drained after (at most)",
  tasks: "most tasks",
  turns: "changes of direction",
  taskMinutes: "task minutes",
  cost: "cost",
  kept: "promises",
};

export function figures(run: Run): Figures {
  const { load, samples, steps, taskSeconds, service } = run;
  const broken = violations(run);
  return {
    load: load.name,
    wake: wake(run),
    drained: drained(run),
    tasks: String(Math.max(...samples.map(({ running }) => running))),
    turns: String(directionChanges(steps)),
    taskMinutes: String(Math.round(taskSeconds / 60)),
    cost: `$${cost(taskSeconds, service.size).toFixed(3)}`,
    kept: broken.length === 0 ? "kept" : `${String(broken.length)} broken`,
  };
}

export function table(runs: readonly Run[]): string {
  const rows = [HEADINGS, ...runs.map(figures)].map((row) => Object.values(row) as string[]);
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  return rows
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join("  ")
        .trimEnd(),
    )
    .join("\n");
}

/** The longest time until a task was wanted, and until one worked. */
function wake(run: Run): string {
  const { wakes, load } = run;
  if (wakes.length === 0) return "awake";
  const longest = Math.max(...wakes.map(({ arrival, desired = load.seconds }) => desired - arrival));
  const served = Math.max(...wakes.map(({ arrival, served: at = load.seconds }) => at - arrival));
  return `${time(longest)} (${time(wakeBound(run))}), served ${time(served)}`;
}

function drained(run: Run): string {
  const { load, drained: at } = run;
  if (load.kind !== "messages" || !isBurst(load)) return "";
  if (at === undefined || run.left > 0) return `${String(run.left)} left`;
  return `${time(at - (load.arrivals[0]?.at ?? 0))} (${time(drainBound(run))})`;
}

function cost(seconds: number, { cpu, memory, spot }: Run["service"]["size"]): number {
  const hour = (cpu / 1024) * PRICE.cpu + (memory / 1024) * PRICE.memory;
  return (seconds / 3600) * hour * (spot ? PRICE.spot : 1);
}

function time(seconds: number): string {
  const minutes = Math.floor(seconds / 60);
  const rest = String(Math.round(seconds % 60)).padStart(2, "0");
  return minutes >= 60
    ? `${String(Math.floor(minutes / 60))} h ${String(minutes % 60)} min`
    : `${String(minutes)}:${rest} min`;
}
