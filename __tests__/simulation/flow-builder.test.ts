import fc from "fast-check";
import { type Assumptions, PROMPT, USUAL } from "../../tools/simulation/assumptions";
import { directionChanges, drainBound, violations } from "../../tools/simulation/guarantees";
import { type MessageLoad } from "../../tools/simulation/load";
import { loads } from "../../tools/simulation/loads";
import { type Run, simulate } from "../../tools/simulation/simulation";
import { type ServiceModel } from "../../tools/simulation/stack";
import { anyEnds, anyMessages, anyRequests, environments, service } from "../support/scaling-loads";

/** How many random runs; the long tests ask for more. */
const RUNS = Number(process.env["SIMULATIONS"] ?? 3);

/** Was found at random: ECS's late figures let target tracking remove a task and add it again, once. */
const TURNED: [MessageLoad, Assumptions] = [
  {
    kind: "messages",
    name: "turned",
    description: "batches of ten minutes' work each",
    seconds: 27_223,
    arrivals: [
      { at: 0, count: 8 },
      { at: 3678, count: 6 },
      { at: 3961, count: 6 },
      { at: 4423, count: 6 },
    ],
    secondsEach: 600,
    touchedEvery: 60,
    cpu: 3,
  },
  {
    ...USUAL,
    publication: { sqs: 0, ecs: 120, elb: 0 },
    sampledAt: 0,
    taskStart: 180,
    activation: 0,
    stepBy: "latest",
    trackingHigh: 2,
  },
];

const of = (name: string): (typeof loads)[number] => loads.find((load) => load.name === name) as (typeof loads)[number];
const kept = (run: Run): void => {
  expect({ violations: violations(run), steps: run.steps }).toEqual({ violations: [], steps: run.steps });
};

describe.each(environments)("Flow Builder's %s (simulated)", (environment) => {
  const worker = service(environment, "worker");
  const api = service(environment, "api");
  const serviceOf = (load: { kind: string }): ServiceModel => (load.kind === "messages" ? worker : api);

  test.each(loads)("keeps its promises under $name: $description", (load) => {
    const run = simulate(serviceOf(load), load, USUAL);
    kept(run);
    expect(directionChanges(run.steps)).toBeLessThanOrEqual(load.kind === "messages" ? 1 : 3);
  });

  test("works off a burst of 10,000 in the time that is promised, going up once and down once", () => {
    const run = simulate(worker, of("burst"), USUAL);
    const sent = (of("burst") as MessageLoad).arrivals[0]?.at ?? 0;
    expect((run.drained ?? Infinity) - sent).toBeLessThanOrEqual(drainBound(run));
    expect(Math.max(...run.samples.map(({ desired }) => desired))).toBe(worker.max);
    expect(directionChanges(run.steps)).toBe(1);
  });

  test("keeps them under any messages, at either end of what AWS does not document", () => {
    fc.assert(
      fc.property(anyMessages, anyEnds, (load, ends) => {
        kept(simulate(worker, load, ends));
      }),
      { numRuns: RUNS, examples: [TURNED] },
    );
  });

  test("keeps them under any requests, at either end of what AWS does not document", () => {
    fc.assert(
      fc.property(anyRequests, anyEnds, (load, ends) => {
        kept(simulate(api, load, ends));
      }),
      { numRuns: RUNS },
    );
  });
});

describe("Flow Builder's dev (simulated)", () => {
  const worker = service("dev", "worker");
  const api = service("dev", "api");

  test("has a task for one message two minutes after it, when AWS publishes at once and the queue is called every minute", () => {
    const load = of("one-message");
    const [wake] = simulate(worker, load, { ...PROMPT, sampledAt: 0 }).wakes;
    expect((wake?.desired ?? Infinity) - (wake?.arrival ?? 0)).toBeLessThanOrEqual(120);
    expect((wake?.served ?? Infinity) - (wake?.desired ?? 0)).toBe(PROMPT.taskStart);
  });

  test("needs up to 15 minutes more for a message on a queue that nobody calls", () => {
    const [wake] = simulate(worker, of("untouched"), { ...PROMPT, activation: 900 }).wakes;
    expect((wake?.desired ?? Infinity) - (wake?.arrival ?? 0)).toBeGreaterThan(900);
    expect((wake?.desired ?? Infinity) - (wake?.arrival ?? 0)).toBeLessThanOrEqual(900 + 120);
  });

  test("has a task for an API's first caller two minutes later, when AWS publishes at once", () => {
    const [wake] = simulate(api, of("first-call"), PROMPT).wakes;
    expect((wake?.desired ?? Infinity) - (wake?.arrival ?? 0)).toBeLessThanOrEqual(120);
  });

  test.each([1, 5, 10, 20, 25])("does not put the API to sleep while a request comes every %d minutes", (pause) => {
    const segments = [{ from: 60, to: 4 * 3600, perMinute: 1 / pause }];
    const load = { kind: "requests" as const, name: "", description: "", seconds: 4 * 3600, segments };
    for (const late of [0, 120]) {
      const publication = { sqs: late, ecs: late, elb: late };
      expect(simulate(api, load, { ...USUAL, publication }).steps.map(({ to }) => to)).toEqual([1]);
    }
  });

  test.each(["worker", "api"] as const)(
    "leaves a task of the %s that was started by hand its time, then stops it",
    (name) => {
      const at = 3600;
      const idle = name === "worker" ? of("one-message") : of("first-call");
      const none = idle.kind === "messages" ? { ...idle, arrivals: [] } : { ...idle, segments: [] };
      const load = { ...none, seconds: 3 * 3600, interventions: [{ at, set: "desired" as const, to: 1 }] };
      const { steps } = simulate(name === "worker" ? worker : api, load, USUAL);
      expect(steps.map(({ to }) => to)).toEqual([0]);
      expect((steps[0]?.at ?? 0) - at).toBeGreaterThan((name === "worker" ? 15 : 30) * 60);
    },
  );

  test("keeps a task for as long as the scalable target's minimum is 1, and sleeps when it is 0 again", () => {
    const interventions = [
      { at: 1800, set: "min" as const, to: 1 },
      { at: 1800, set: "desired" as const, to: 1 },
      { at: 2 * 3600, set: "min" as const, to: 0 },
    ];
    const load = { ...(of("one-message") as MessageLoad), arrivals: [], seconds: 3 * 3600, interventions };
    const { steps } = simulate(worker, load, USUAL);
    expect(steps).toMatchObject([{ from: 1, to: 0 }]);
    expect(steps[0]?.at).toBeLessThanOrEqual(2 * 3600 + 60);
    expect(steps[0]?.at).toBeGreaterThanOrEqual(2 * 3600);
  });
});
