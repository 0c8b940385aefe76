import { Service } from "../../modules/ecs";
import { inStack } from "../support/module";
import { api, at, beforeAndAfter, surroundings, worker } from "../support/services";
import { type Arguments } from "../support/synth";

const policyTypes = (made: ReturnType<typeof worker>): Set<unknown> =>
  new Set(Object.values(made.all("aws_appautoscaling_policy")).map((policy) => policy["policy_type"]));

describe("the two kinds of policies never meet on one service", () => {
  test.each([1, 2])("with min %d there is target tracking only", (min) => {
    expect(policyTypes(worker({ tasks: { min, max: 4 } }))).toEqual(new Set(["TargetTrackingScaling"]));
    expect(policyTypes(api({ tasks: { min, max: 4 } }))).toEqual(new Set(["TargetTrackingScaling"]));
    expect(api({ tasks: { min, max: 4 } }).all("aws_cloudwatch_metric_alarm")).toEqual({});
  });

  test("with min 0 there are step policies only, each run by one alarm", () => {
    for (const made of [worker({ tasks: { min: 0, max: 2 } }), api({ tasks: { min: 0, max: 2 } })]) {
      expect(policyTypes(made)).toEqual(new Set(["StepScaling"]));
      const actions = Object.values(made.all("aws_cloudwatch_metric_alarm")).flatMap((alarm) => alarm["alarm_actions"]);
      expect(actions.sort()).toEqual(
        Object.keys(made.all("aws_appautoscaling_policy"))
          .map((id) => `\${aws_appautoscaling_policy.${id}.arn}`)
          .sort(),
      );
    }
  });

  test("with min equal to max there is nothing to decide", () => {
    expect(policyTypes(worker({ tasks: { min: 2, max: 2 } }))).toEqual(new Set());
    expect(policyTypes(api({ tasks: { min: 2, max: 2 } }))).toEqual(new Set());
  });
});

describe("with at least one task", () => {
  const tracking = (policy: Arguments): Record<string, unknown> =>
    policy["target_tracking_scaling_policy_configuration"] as Record<string, unknown>;

  test("an API keeps its CPU at 70 % and its memory at 80 %", () => {
    const made = api();
    expect(tracking(at(made, "aws_appautoscaling_policy", "api_scaling_cpu"))).toMatchObject({
      target_value: 70,
      predefined_metric_specification: { predefined_metric_type: "ECSServiceAverageCPUUtilization" },
    });
    expect(tracking(at(made, "aws_appautoscaling_policy", "api_scaling_memory"))).toMatchObject({
      target_value: 80,
      predefined_metric_specification: { predefined_metric_type: "ECSServiceAverageMemoryUtilization" },
    });
  });

  test("a worker keeps its messages per task, counted without Container Insights", () => {
    const policy = tracking(at(worker({ messagesPerTask: 25 }), "aws_appautoscaling_policy", "worker_scaling_backlog"));
    const { metrics } = policy["customized_metric_specification"] as { metrics: Record<string, unknown>[] };
    expect(policy["target_value"]).toBe(25);
    expect(metrics[0]).toMatchObject({
      expression: "IF(running > 0 AND visible >= 0, (visible + FILL(in_flight, 0)) / running)",
      return_data: true,
    });
    expect(metrics.slice(1)).toMatchObject([
      { id: "visible", return_data: false, metric_stat: { metric: { namespace: "AWS/SQS" }, stat: "Maximum" } },
      { id: "in_flight", return_data: false, metric_stat: { metric: { namespace: "AWS/SQS" }, stat: "Maximum" } },
      {
        id: "running",
        metric_stat: { metric: { namespace: "AWS/ECS", metric_name: "CPUUtilization" }, stat: "SampleCount" },
      },
    ]);
  });

  test("tasks are added quickly and removed slowly", () => {
    for (const policy of Object.values({
      ...api().all("aws_appautoscaling_policy"),
      ...worker().all("aws_appautoscaling_policy"),
    })) {
      expect(tracking(policy)).toMatchObject({ scale_out_cooldown: 60, scale_in_cooldown: 300 });
    }
  });
});

describe("the bounds", () => {
  test("are 0 and 0 until something is released", () => {
    const target = worker({ tasks: { min: 1, max: 4 } }).only("aws_appautoscaling_target");
    expect([target["min_capacity"], target["max_capacity"]].map(beforeAndAfter)).toEqual([
      ["0", "1"],
      ["0", "4"],
    ]);
  });

  test.each([
    [{ min: 3, max: 2 }, /^worker: tasks: expected min to be at most max, got \{"min":3,"max":2\}/],
    [{ min: -1, max: 2 }, /^worker: tasks.min: expected an integer from 0 to 5000, got -1/],
    [{ min: 0, max: 0 }, /^worker: tasks.max: expected an integer from 1 to 5000, got 0/],
    [{ min: 1, max: 2.5 }, /^worker: tasks.max: expected an integer .* got 2\.5/],
    [{ min: "1", max: 2 }, /^worker: tasks.min: expected an integer .* got "1"/],
    [{ min: 0, max: NaN }, /^worker: tasks.max: expected an integer .* got NaN/],
    [{ min: 0, max: Infinity }, /^worker: tasks.max: expected an integer .* got Infinity/],
  ])("%j is an error that names the service", (tasks, error) => {
    expect(worker({ tasks }).errors).toEqual([expect.stringMatching(error)]);
  });

  test("begin at 1 for a service that nothing could wake", () => {
    const { errors } = inStack(
      (stack) => new Service(stack, "reaper", { ...surroundings(stack), tasks: { min: 0, max: 1 } }),
    );
    expect(errors).toEqual([
      "reaper: tasks.min: expected an integer from 1 to 5000, got 0. Nothing would wake it from 0.",
    ]);
  });
});
