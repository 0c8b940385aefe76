import fc from "fast-check";
import { ScalingSimulation } from "../support/scaling-simulation";
import { api, at, worker } from "../support/services";
import { type Arguments } from "../support/synth";

/** Minutes from the wish for a task until it runs, on Fargate. */
const START = 2;

/** The tasks of a service: those that were asked for START minutes ago and still are. */
class Fleet {
  private readonly asked: number[] = [];
  running(desired: number): number {
    this.asked.push(desired);
    return Math.min(...this.asked.slice(-START - 1));
  }
}

/** A worker, its queue and its scaling, minute by minute. A task holds one message for `minutesPerMessage`. */
function queueWorld(max: number, minutesPerMessage = 1) {
  const scaling = new ScalingSimulation(worker({ tasks: { min: 0, max } }), "worker");
  const fleet = new Fleet();
  let visible = 0;
  let held: number[] = [];
  const minute = (arriving = 0): void => {
    visible += arriving;
    const running = fleet.running(scaling.desired);
    // A task that is stopped gives its message back.
    visible += Math.max(0, held.length - running);
    held = held
      .slice(0, running)
      .map((left) => left - 1)
      .filter((left) => left > 0);
    while (visible > 0 && held.length < running) {
      visible -= 1;
      held.push(minutesPerMessage);
    }
    scaling.tick({
      ApproximateNumberOfMessagesVisible: visible,
      ApproximateNumberOfMessagesNotVisible: held.length,
      // Each task sends it once a minute: its SampleCount is how many run.
      CPUUtilization: running > 0 ? running : undefined,
    });
  };
  return {
    scaling,
    minute,
    minutes: (count: number) => Array.from({ length: count }, () => minute()),
    open: () => visible + held.length,
  };
}

/** An API, its load balancer and its scaling, minute by minute. */
function webWorld(max = 4) {
  const scaling = new ScalingSimulation(api({ tasks: { min: 0, max } }), "api");
  const fleet = new Fleet();
  let refused = 0;
  let answered = 0;
  const minute = (requests = 0, cpu = 5, memory = 20): void => {
    const running = fleet.running(scaling.desired);
    const serves = running > 0;
    if (serves) answered += requests;
    else refused += requests;
    const some = (count: number): number | undefined => (count > 0 ? count : undefined);
    scaling.tick({
      RequestCount: some(serves ? requests : 0),
      HTTPCode_ELB_503_Count: some(serves ? 0 : requests),
      CPUUtilization: serves ? cpu : undefined,
      MemoryUtilization: serves ? memory : undefined,
      HealthyHostCount: some(running),
    });
  };
  const minutes = (count: number, requests = 0, cpu?: number, memory?: number): void => {
    for (let index = 0; index < count; index++) minute(requests, cpu, memory);
  };
  return { scaling, minute, minutes, refused: () => refused, answered: () => answered };
}

describe("a worker that sleeps (simulated)", () => {
  test("wakes within a minute of one message, and sleeps again a quarter of an hour after the last", () => {
    const { scaling, minute, minutes, open } = queueWorld(2);
    minutes(60);
    expect(scaling.activities).toEqual([]);
    minute(1);
    expect(scaling.desired).toBe(1);
    minutes(30);
    expect(open()).toBe(0);
    expect(scaling.activities).toEqual(["60: awake 0 → 1", expect.stringMatching(/^(7[6-9]|80): asleep 1 → 0$/)]);
    minutes(600);
    expect(scaling.activities).toHaveLength(2);
  });

  test.each([
    [1, 1],
    [10, 1],
    [11, 2],
    [20, 2],
    [21, 3],
    [1000, 5],
  ])("takes %d messages on with %d of at most 5 tasks", (messages, tasks) => {
    const { scaling, minute } = queueWorld(5);
    minute(messages);
    expect(scaling.desired).toBe(tasks);
  });

  test("is not put to sleep, nor its only task stopped, while a message is in work for hours", () => {
    const { scaling, minute, minutes, open } = queueWorld(2, 180);
    minute(1);
    minutes(170);
    expect(scaling.activities).toEqual(["0: awake 0 → 1"]);
    minutes(60);
    expect(open()).toBe(0);
    expect(scaling.desired).toBe(0);
  });

  test("takes no task away while there is work, however little is left of it", () => {
    const { scaling, minute, minutes } = queueWorld(5, 20);
    minute(50);
    expect(scaling.desired).toBe(5);
    minutes(200);
    expect(scaling.activities).toEqual(["0: awake 0 → 5"]);
  });

  test("stays asleep when its queue sends no metrics, and is put to sleep by that", () => {
    const scaling = new ScalingSimulation(worker({ tasks: { min: 0, max: 2 } }), "worker");
    for (let minute = 0; minute < 60; minute++) scaling.tick({});
    expect(scaling.activities).toEqual([]);
    scaling.tick({ ApproximateNumberOfMessagesVisible: 3, ApproximateNumberOfMessagesNotVisible: 0 });
    expect(scaling.desired).toBe(1);
    for (let minute = 0; minute < 30; minute++) scaling.tick({});
    expect(scaling.desired).toBe(0);
  });

  test("does all its messages in the end, whatever comes when, with no more tasks than it may, and then sleeps", () => {
    const arrivals = fc.array(fc.oneof(fc.constant(0), fc.constant(0), fc.nat({ max: 60 })), { maxLength: 120 });
    fc.assert(
      fc.property(arrivals, fc.integer({ min: 1, max: 8 }), fc.integer({ min: 1, max: 20 }), (coming, max, each) => {
        const { scaling, minute, minutes, open } = queueWorld(max, each);
        for (const count of coming) {
          minute(count);
          expect(scaling.desired).toBeLessThanOrEqual(max);
          if (open() > 0) expect(scaling.desired).toBeGreaterThan(0);
        }
        minutes((open() + 1) * (each + START + 5) + 30);
        expect([open(), scaling.desired]).toEqual([0, 0]);
        const acted = scaling.activities.length;
        minutes(100);
        expect(scaling.activities).toHaveLength(acted);
      }),
      { numRuns: 60 },
    );
  });

  test("has no more steps than Application Auto Scaling takes, without a gap, up to all of its tasks", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 5000 }), (max) => {
        const made = worker({ tasks: { min: 0, max } });
        const { step_adjustment: steps } = at(made, "aws_appautoscaling_policy", "worker_scaling_awake")[
          "step_scaling_policy_configuration"
        ] as { step_adjustment: Record<string, string | number>[] };
        expect(steps.length).toBeLessThanOrEqual(20);
        expect(steps[0]).toMatchObject({ metric_interval_lower_bound: "0" });
        steps.slice(1).forEach((step, index) => {
          expect(step["metric_interval_lower_bound"]).toBe(steps[index]?.["metric_interval_upper_bound"]);
          expect(step["scaling_adjustment"]).toBeGreaterThan(Number(steps[index]?.["scaling_adjustment"]));
        });
        expect(steps.at(-1)).not.toHaveProperty("metric_interval_upper_bound");
        expect(steps.at(-1)).toMatchObject({ scaling_adjustment: max });
      }),
      { numRuns: 40 },
    );
  });
});

describe("an API that sleeps (simulated)", () => {
  test("wakes on the first request that is refused, answers minutes later, and sleeps after half an hour without any", () => {
    const { scaling, minutes, refused, answered } = webWorld();
    minutes(120);
    expect(scaling.activities).toEqual([]);
    minutes(10, 5);
    expect(refused()).toBeLessThanOrEqual(5 * (START + 1));
    expect(refused() + answered()).toBe(50);
    expect(scaling.desired).toBe(1);
    minutes(28);
    expect(scaling.desired).toBe(1);
    minutes(5);
    expect(scaling.activities).toEqual(["120: awake 0 → 1", expect.stringMatching(/^1(59|60|61): asleep 1 → 0$/)]);
    minutes(600);
    expect(scaling.activities).toHaveLength(2);
  });

  test("is woken by a single caller who does not call again, and is not put off while it starts", () => {
    const { scaling, minute, minutes } = webWorld();
    minutes(45);
    minute(1);
    minutes(20);
    expect(scaling.activities).toEqual(["45: awake 0 → 1"]);
  });

  test("adds tasks while it is busy, removes them when it is calm, and keeps the last while anybody calls", () => {
    const { scaling, minutes } = webWorld(3);
    minutes(5, 10);
    minutes(30, 500, 95);
    expect(scaling.desired).toBe(3);
    minutes(120, 1, 5);
    expect(scaling.desired).toBe(1);
    expect(scaling.activities.filter((activity) => activity.includes("asleep"))).toEqual([]);
    minutes(60);
    expect(scaling.desired).toBe(0);
  });

  test("adds tasks on memory alone too", () => {
    const { scaling, minutes } = webWorld(2);
    minutes(20, 10, 5, 85);
    expect(scaling.desired).toBe(2);
  });

  test("answers again after any pattern of calls, never has more tasks than it may, and sleeps in the end", () => {
    const load = fc.record({
      length: fc.integer({ min: 1, max: 50 }),
      requests: fc.constantFrom(0, 0, 1, 100),
      cpu: fc.constantFrom(5, 50, 95),
    });
    fc.assert(
      fc.property(fc.array(load, { maxLength: 8 }), fc.integer({ min: 1, max: 4 }), (loads, max) => {
        const { scaling, minute, minutes, refused } = webWorld(max);
        for (const { length, requests, cpu } of loads) {
          for (let index = 0; index < length; index++) {
            minute(requests, cpu);
            expect(scaling.desired).toBeLessThanOrEqual(max);
            if (requests > 0) expect(scaling.desired).toBeGreaterThan(0);
          }
        }
        minutes(100);
        expect(scaling.desired).toBe(0);
        const acted = scaling.activities.length;
        minutes(100);
        expect(scaling.activities).toHaveLength(acted);
        minutes(START + 1, 1);
        const before = refused();
        minutes(5, 1);
        expect(refused()).toBe(before);
      }),
      { numRuns: 60 },
    );
  });

  test("wakes on what its own load balancer refused, and counts that as a reason to stay awake", () => {
    const made = api({ tasks: { min: 0, max: 2 } });
    const names = (id: string): unknown =>
      (at(made, "aws_cloudwatch_metric_alarm", id)["metric_query"] as { metric?: Arguments }[]).flatMap(({ metric }) =>
        metric ? [[metric["metric_name"], Object.keys(metric["dimensions"] as object)]] : [],
      );
    const refused = ["HTTPCode_ELB_503_Count", ["LoadBalancer"]];
    expect(names("api_scaling_awake-alarm")).toEqual([refused]);
    expect(names("api_scaling_asleep-alarm")).toEqual([["RequestCount", ["LoadBalancer", "TargetGroup"]], refused]);
  });
});
