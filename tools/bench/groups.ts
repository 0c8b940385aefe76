import { join } from "node:path";
import { readdirSync } from "node:fs";
import { synthesizedResources } from "../support/synthesized-resources";
import { LOAD, TESTS, app, type Command, grown, loaded, loads, synth, synthEmpty, withoutBundles } from "./commands";
import { type Samples } from "./samples";
import { type Row } from "./table";

/** Commands that are measured together, and what is said of them. */
export interface Group {
  readonly commands: readonly Command[];
  readonly rows: (samples: Samples) => Row[];
}

/** Times the load of cdktf; for `cdktf synth`, beside those of an empty app. */
const APP_GOAL = 7;
const RESOURCE_GOAL = 0.28;
const MEMORY_GOAL = 45;
/** Times the load of cdktf: the barrel of the provider takes 25. */
const MODULE_GOAL = 1;
const TESTS_GOAL = 15;
/** The fewest and the most environments of an app, and one between, which shows whether it grows evenly. */
const COUNTS = [1, 10, 50] as const;

/** What can be measured, by the names that `--only` takes. @param folder for what the commands write */
export function groups(folder: string): Readonly<Record<string, Group>> {
  return {
    load: {
      commands: [LOAD],
      rows: (samples) => [{ what: "node -e 'require(\"cdktf\")', the yardstick", figure: cpu(samples, LOAD.id) }],
    },
    app: {
      commands: [app("app-cold", folder, withoutBundles), app("app-warm", folder)],
      rows: (samples) => [
        times(samples, "app-cold", "the app, its functions bundled anew", APP_GOAL),
        times(samples, "app-warm", "the app, its functions as bundled before", APP_GOAL),
      ],
    },
    synth: {
      commands: [synthEmpty(folder), synth(folder)],
      rows: (samples) => [
        times(samples, "empty", "cdktf synth of an empty app"),
        times(samples, "synth", "cdktf synth", samples.ratio("empty") + APP_GOAL),
      ],
    },
    growth: { commands: COUNTS.map((count) => grown(count, folder)), rows: (samples) => growth(samples, folder) },
    modules: { commands: [loads(), ...loaded().map(loads)], rows: modules },
    tests: { commands: [TESTS], rows: tests },
  };
}

function times(samples: Samples, id: string, what: string, goal?: number): Row {
  const ratio = samples.ratio(id);
  const figure = `${ratio.toFixed(1)} × (${cpu(samples, id)}, ${samples.median(id, "wall").toFixed(1)} s in all)`;
  return { what, figure, ...(goal !== undefined && { goal: `≤ ${goal.toFixed(1)} ×`, met: ratio <= goal }) };
}

function cpu(samples: Samples, id: string): string {
  return `${samples.median(id, "cpu").toFixed(2)} s CPU`;
}

function growth(samples: Samples, folder: string): Row[] {
  const [fewest, between, most] = COUNTS;
  const of = (count: number) => ({
    resources: resources(join(folder, `grown-${String(count)}`)),
    seconds: samples.median(`grown-${String(count)}`, "cpu"),
    memory: samples.median(`grown-${String(count)}`, "memory"),
  });
  const each = (to: number): number =>
    ((of(to).seconds - of(fewest).seconds) * 1000) / (of(to).resources - of(fewest).resources);
  const added = `${String(fewest)} to ${String(most)} environments`;
  const memory = of(most).memory - of(fewest).memory;
  return [
    {
      what: `each resource, from ${String(fewest)} to ${String(between)} environments`,
      figure: `${each(between).toFixed(2)} ms CPU`,
    },
    {
      what: `each resource, from ${added} (${String(of(most).resources)} resources)`,
      figure: `${each(most).toFixed(2)} ms CPU`,
      goal: `≤ ${String(RESOURCE_GOAL)} ms`,
      met: each(most) <= RESOURCE_GOAL,
    },
    {
      what: `memory, from ${added}`,
      figure: `${memory.toFixed(0)} MB more than ${of(fewest).memory.toFixed(0)} MB`,
      goal: `≤ ${String(MEMORY_GOAL)} MB`,
      met: memory <= MEMORY_GOAL,
    },
  ];
}

function resources(folder: string): number {
  const stacks = join(folder, "stacks");
  return readdirSync(stacks).reduce((sum, stack) => sum + synthesizedResources(join(stacks, stack)).length, 0);
}

function modules(samples: Samples): Row[] {
  const cost = (path: string): number =>
    Math.max(0, samples.median(`load ${path}`, "cpu") - samples.median("load nothing", "cpu"));
  const yardstick = samples.median(LOAD.id, "cpu");
  return loaded().map((path) => {
    const figure = `${(cost(path) * 1000).toFixed(0)} ms CPU beside cdktf`;
    if (path === "stacks/index") return { what: "load of all systems", figure };
    const goal = MODULE_GOAL * yardstick;
    return { what: `load of ${path}`, figure, goal: `≤ ${(goal * 1000).toFixed(0)} ms`, met: cost(path) <= goal };
  });
}

function tests(samples: Samples): Row[] {
  const wall = samples.median(TESTS.id, "wall");
  return [
    {
      what: "unit and conformance tests",
      figure: `${wall.toFixed(1)} s in all (${cpu(samples, TESTS.id)})`,
      goal: `< ${String(TESTS_GOAL)} s`,
      met: wall < TESTS_GOAL,
    },
  ];
}
