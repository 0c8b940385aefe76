import fc from "fast-check";
import { runs } from "../support/runs";
import { api, at, worker } from "../support/services";
import { type Arguments } from "../support/synth";

type Made = ReturnType<typeof api>;

const alarm = (made: Made, id: string): Arguments => at(made, "aws_cloudwatch_metric_alarm", id);
const steps = (made: Made, id: string): Arguments =>
  at(made, "aws_appautoscaling_policy", id)["step_scaling_policy_configuration"] as Arguments;

/** What comes of it is shown in __tests__/simulation. */
describe("a worker that sleeps", () => {
  test("is woken by a policy that only adds, and put to sleep by one that only sets to 0", () => {
    const made = worker({ tasks: { min: 0, max: 2 } });
    expect(steps(made, "worker_scaling_awake")).toMatchObject({ adjustment_type: "ChangeInCapacity", cooldown: 600 });
    expect(steps(made, "worker_scaling_asleep")).toMatchObject({
      adjustment_type: "ExactCapacity",
      step_adjustment: [{ scaling_adjustment: 0 }],
    });
  });

  test("looks at three minutes to wake, since AWS may publish two late, and at fifteen in a row to sleep", () => {
    const made = worker({ tasks: { min: 0, max: 2 } });
    expect(alarm(made, "worker_scaling_awake-alarm")).toMatchObject({ datapoints_to_alarm: 1, evaluation_periods: 3 });
    expect(alarm(made, "worker_scaling_asleep-alarm")).toMatchObject({
      datapoints_to_alarm: 15,
      evaluation_periods: 15,
    });
  });

  test("takes silence for no reason to do anything", () => {
    for (const made of [worker({ tasks: { min: 0, max: 2 } }), api({ tasks: { min: 0, max: 2 } })]) {
      for (const args of Object.values(made.all("aws_cloudwatch_metric_alarm"))) {
        expect(args).toMatchObject({ treat_missing_data: "notBreaching" });
      }
    }
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
      runs(10),
    );
  });
});

describe("an API that sleeps", () => {
  test("wakes on what its own load balancer refused, and counts that as a reason to stay awake", () => {
    const made = api({ tasks: { min: 0, max: 2 } });
    const names = (id: string): unknown =>
      (at(made, "aws_cloudwatch_metric_alarm", id)["metric_query"] as { metric?: Arguments }[]).flatMap(({ metric }) =>
        metric ? [[metric["metric_name"], Object.keys(metric["dimensions"] as object)]] : [],
      );
    const refused = ["HTTPCode_ELB_503_Count", ["LoadBalancer"]];
    expect(names("api_scaling_awake-alarm")).toEqual([refused]);
    expect(names("api_scaling_asleep-alarm")).toEqual([
      ["RequestCount", ["LoadBalancer", "TargetGroup"]],
      refused,
      ["CPUUtilization", ["ClusterName", "ServiceName"]],
    ]);
  });
});
