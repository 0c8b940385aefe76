import { chosenRuns, chosenServices } from "../../tools/simulation/selection";
import { Failure } from "../../tools/support/failure";
import { service } from "../support/scaling-loads";

const AGAIN = "npm run simulate --";
const stack = { system: "flow-builder", environment: "dev" };
const api = service("dev", "api");
const worker = service("dev", "worker");
const both = new Map([
  ["api", api],
  ["worker", worker],
]);

const failure = (work: () => unknown): { message: string; next: string | undefined } => {
  try {
    work();
  } catch (error) {
    if (error instanceof Failure) return { message: error.message, next: error.advice.next };
  }
  throw new Error("There was no failure");
};

test("what is not chosen is all: each service with the loads of its kind", () => {
  const services = chosenServices(both, stack, {}, AGAIN);
  expect(services).toEqual([api, worker]);
  const runs = chosenRuns(services, "dev", {}, AGAIN);
  expect(runs.filter(([of]) => of === worker).map(([, { kind }]) => kind)).toContain("messages");
  for (const [of, { kind }] of runs) expect(kind).toBe(of === worker ? "messages" : "requests");
});

test("a service and a load are chosen by name", () => {
  const selection = { service: "worker", load: ["burst"] };
  const services = chosenServices(both, stack, selection, AGAIN);
  expect(chosenRuns(services, "dev", selection, AGAIN).map(([{ name }, load]) => [name, load.name])).toEqual([
    ["fb-dev-worker", "burst"],
  ]);
});

test("a load of the other kind is an error, not a run of nothing", () => {
  const selection = { service: "api", load: ["burst"] };
  const { message, next } = failure(() => chosenRuns([api], "dev", selection, AGAIN));
  expect(message).toMatch(/^--load: expected one of first-call, .* for fb-dev-api, got burst\.$/);
  expect(next).toBe("npm run simulate -- dev --service api --load first-call");
});

test("an unknown service, and a stack without one that scales, are told with a command that works", () => {
  expect(failure(() => chosenServices(both, stack, { service: "nope" }, AGAIN))).toEqual({
    message: '--service: expected one of api, worker, got "nope".',
    next: "npm run simulate -- dev --service api",
  });
  expect(failure(() => chosenServices(new Map(), { ...stack, system: "event-scheduling" }, {}, AGAIN))).toEqual({
    message: "No service of event-scheduling's dev scales, so there is nothing to simulate.",
    next: "SYSTEM=flow-builder npm run simulate -- dev",
  });
});
