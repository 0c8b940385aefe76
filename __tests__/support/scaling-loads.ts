import fc from "fast-check";
import { type Assumptions, ENDS, assume } from "../../tools/simulation/assumptions";
import { type MessageLoad, type RequestLoad } from "../../tools/simulation/load";
import { type ServiceModel, servicesOf } from "../../tools/simulation/stack";
import { type StackJson, synthesized } from "./synth";

const HOUR = 3600;

/** The services of Flow Builder's environments, from what is synthesized. */
export const environments = ["dev", "staging", "production"] as const;

/** A stack's JSON, changed. */
export function changed(environment: string, change: (stack: Mutable) => void): StackJson {
  const copy = JSON.parse(JSON.stringify(synthesized("flow-builder", environment).stack)) as StackJson;
  change(copy.resource as Mutable);
  return copy;
}

export type Mutable = Record<string, Record<string, Record<string, unknown>>>;

export function service(
  environment: string,
  name: "api" | "worker",
  change: (stack: Mutable) => void = () => undefined,
): ServiceModel {
  const found = servicesOf(changed(environment, change)).get(name);
  if (!found) throw new Error(`${environment} has no ${name} that scales`);
  return found;
}

/** Any combination of the ends of what AWS does not document. */
export const anyEnds: fc.Arbitrary<Assumptions> = fc
  .record({
    sqs: fc.constantFrom(...ENDS.sqs),
    ecs: fc.constantFrom(...ENDS.ecs),
    elb: fc.constantFrom(...ENDS.elb),
    sampledAt: fc.constantFrom(...ENDS.sampledAt),
    extraDataPoints: fc.constantFrom(...ENDS.extraDataPoints),
    taskStart: fc.constantFrom(...ENDS.taskStart),
    activation: fc.constantFrom(...ENDS.activation),
    sendsNoneInFlight: fc.constantFrom(...ENDS.sendsNoneInFlight),
    fillsEmptySeries: fc.constantFrom(...ENDS.fillsEmptySeries),
    cooldownOf: fc.constantFrom(...ENDS.cooldownOf),
    stepBy: fc.constantFrom(...ENDS.stepBy),
    trackingHigh: fc.constantFrom(...ENDS.trackingHigh),
    trackingDown: fc.constantFrom(...ENDS.trackingDown),
  })
  .map(assume);

/** Up to eight arrivals in three hours, of messages that take a second to half an hour; then time to be done with them. */
export const anyMessages: fc.Arbitrary<MessageLoad> = fc
  .record({
    arrivals: fc.array(
      fc.record({
        at: fc.integer({ min: 0, max: 3 * HOUR }),
        count: fc.oneof(fc.constant(1), fc.integer({ min: 1, max: 40 })),
      }),
      { minLength: 1, maxLength: 8 },
    ),
    secondsEach: fc.constantFrom(1, 20, 90, 600, 1800),
    touchedEvery: fc.constantFrom(60, 0),
    cpu: fc.constantFrom(3, 95),
  })
  .map(({ arrivals, ...rest }) => {
    // Each arrival is at most an hour's work of one task, so that all is done in time.
    const most = HOUR / rest.secondsEach;
    const sorted = arrivals.sort((a, b) => a.at - b.at).map(({ at, count }) => ({ at, count: Math.min(count, most) }));
    const work = sorted.reduce((sum, { count }) => sum + count, 0) * rest.secondsEach;
    return {
      kind: "messages" as const,
      name: "random",
      description: "random",
      seconds: (sorted.at(-1)?.at ?? 0) + work + 2 * HOUR,
      arrivals: sorted,
      ...rest,
    };
  });

/** Up to six stretches of steady calls, with pauses between. */
export const anyRequests: fc.Arbitrary<RequestLoad> = fc
  .array(
    fc.record({
      pause: fc.integer({ min: 0, max: 70 * 60 }),
      length: fc.integer({ min: 30, max: HOUR }),
      perMinute: fc.constantFrom(0.2, 1, 60),
      cpu: fc.constantFrom(2, 40, 60, 90, 150, 400),
    }),
    { minLength: 1, maxLength: 6 },
  )
  .chain((stretches) => fc.constantFrom(20, 60, 85).map((memory) => ({ stretches, memory })))
  .map(({ stretches, memory }) => {
    let now = 0;
    const segments = stretches.map(({ pause, length, ...rest }) => {
      const from = now + pause;
      now = from + length;
      return { from, to: now, ...rest };
    });
    return { kind: "requests", name: "random", description: "random", seconds: now + 2 * HOUR, segments, memory };
  });
