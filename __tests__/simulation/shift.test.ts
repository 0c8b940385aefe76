import { type ShiftConditions, type ShiftModel, type ShiftOutcome, simulateShift } from "../support/shift-simulation";
import { type Resource, resources, synthesized } from "../support/synth";

const { stack } = synthesized("event-scheduling", "production");
const group = resources(stack, "aws_codedeploy_deployment_group").find(({ id }) => id === "api_shift") as Resource;
const { alarms: names } = group.args["alarm_configuration"] as { alarms: string[] };
const alarms = resources(stack, "aws_cloudwatch_metric_alarm")
  .filter(({ address }) => names.includes(`\${${address}.alarm_name}`))
  .map(({ args }) => args);
const api: ShiftModel = { config: String(group.args["deployment_config_name"]), alarms };

const GOOD = { errors: 0.005, duration: 120 };
const BAD = { errors: 0.4, duration: 120 };
const SLOW = { errors: 0, duration: 2500 };

/** Both ends of what AWS does not document. */
const ENDS = [0, 120].flatMap((publication) =>
  [2, 5].flatMap((extraDataPoints) => [10, 60].map((polls) => ({ publication, extraDataPoints, polls }))),
);
const SEEDS = 6;

function outcomes(model: ShiftModel, version: ShiftConditions["version"], callsAMinute = 300): ShiftOutcome[] {
  return ENDS.flatMap((ends) =>
    Array.from({ length: SEEDS }, (_, seed) =>
      simulateShift(model, { ...ends, callsAMinute, version, random: seeded(seed + 1) }),
    ),
  );
}

/** mulberry32 */
function seeded(seed: number): () => number {
  return () => {
    seed = (seed + 0x6d2b79f5) | 0;
    let t = Math.imul(seed ^ (seed >>> 15), 1 | seed);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

test("the shift asks two alarms, both on the new version alone (simulated)", () => {
  expect(alarms).toHaveLength(2);
  for (const { dimensions } of alarms) {
    expect(dimensions).toMatchObject({ ExecutedVersion: "${aws_lambda_function.api.version}" });
  }
});

test.each([
  ["fails in 40 % of its runs", BAD],
  ["is slow", SLOW],
])(
  "a version that %s is taken back before half of the traffic sees it, within nine minutes (simulated)",
  (_, version) => {
    for (const { takenBack, share } of outcomes(api, version)) {
      expect(takenBack).toBeLessThanOrEqual(9 * 60);
      expect(share).toBeLessThan(0.5);
    }
  },
);

test.each([
  "CodeDeployDefault.LambdaCanary10Percent15Minutes",
  "CodeDeployDefault.LambdaCanary10Percent30Minutes",
  "CodeDeployDefault.LambdaLinear10PercentEvery2Minutes",
  "CodeDeployDefault.LambdaLinear10PercentEvery3Minutes",
  "CodeDeployDefault.LambdaLinear10PercentEvery10Minutes",
])("so it is with %s (simulated)", (config) => {
  for (const { takenBack, share } of outcomes({ ...api, config }, BAD)) {
    expect(takenBack).toBeDefined();
    expect(share).toBeLessThan(0.5);
  }
});

test("a good version gets all the traffic, with few calls and with many (simulated)", () => {
  for (const calls of [1, 30, 300]) {
    for (const { takenBack } of outcomes(api, GOOD, calls)) expect(takenBack).toBeUndefined();
  }
});

test("without traffic nothing is known, and the version gets all of it (simulated)", () => {
  for (const { takenBack, share } of outcomes(api, BAD, 0)) expect([takenBack, share]).toEqual([undefined, 1]);
});

test("from 100 calls a minute on, of which the new version gets ten, 99 of 100 bad ones are taken back (simulated)", () => {
  const all = outcomes(api, BAD, 100);
  expect(all.filter(({ takenBack }) => takenBack !== undefined).length / all.length).toBeGreaterThanOrEqual(0.99);
});

describe("what would not do", () => {
  test("a canary that is as short as its alarms look back gives a bad version all the traffic (simulated)", () => {
    const short = { ...api, config: "CodeDeployDefault.LambdaCanary10Percent5Minutes" };
    expect(outcomes(short, BAD).some(({ share }) => share === 1)).toBe(true);
  });

  test("a shift of a tenth every minute has given a bad version half of it (simulated)", () => {
    const fast = { ...api, config: "CodeDeployDefault.LambdaLinear10PercentEvery1Minute" };
    expect(outcomes(fast, BAD).some(({ share }) => share >= 0.5)).toBe(true);
  });

  test("alarms on all the traffic read 40 % of a tenth as 4 %, and let it pass (simulated)", () => {
    const diluted = { ...BAD, errors: BAD.errors * 0.1 };
    const passed = outcomes(api, diluted, 3000).filter(({ takenBack }) => takenBack === undefined);
    expect(passed.length / (ENDS.length * SEEDS)).toBeGreaterThan(0.9);
  });
});
