import { Service } from "../../modules/ecs";
import { type ScheduledTasks, type TaskSchedule } from "../../modules/ecs/scheduled-tasks";
import { inStack } from "../support/module";
import { api, at, beforeAndAfter, surroundings, worker } from "../support/services";
import { type Arguments } from "../support/synth";

const night: TaskSchedule = {
  evening: { expression: "cron(0 20 ? * MON-FRI *)", timezone: "Europe/Berlin", min: 0, max: 0 },
  morning: { expression: "cron(0 7 ? * MON-FRI *)", timezone: "Europe/Berlin", min: 1, max: 2 },
};
const tasks = { min: 1, max: 2 };

const lifecycle = (args: Arguments): Record<string, unknown> => args["lifecycle"] as Record<string, unknown>;

test("from certain times on a service has other bounds, in its time zone, and none before a release", () => {
  const made = api({ tasks, schedule: night });
  expect(made.errors).toEqual([]);
  const evening = at(made, "aws_appautoscaling_scheduled_action", "api_scaling_evening");
  expect(evening).toMatchObject({
    name: "fb-dev-api-scaling-evening",
    schedule: "cron(0 20 ? * MON-FRI *)",
    timezone: "Europe/Berlin",
    resource_id: "${aws_appautoscaling_target.api_scaling.resource_id}",
  });
  const { min_capacity: min, max_capacity: max } = at(
    made,
    "aws_appautoscaling_scheduled_action",
    "api_scaling_morning",
  )["scalable_target_action"] as Arguments;
  expect([beforeAndAfter(min), beforeAndAfter(max)]).toEqual([
    ["0", "1"],
    ["0", "2"],
  ]);
});

test("a plan at night does not take back what the schedule did, and a release or other tasks still come through", () => {
  const made = api({ tasks, schedule: night });
  expect(lifecycle(made.only("aws_appautoscaling_target"))).toEqual({
    ignore_changes: ["min_capacity", "max_capacity"],
    replace_triggered_by: ["terraform_data.api_scaling_bounds"],
  });
  const { min, max } = made.only("terraform_data")["input"] as Arguments;
  expect([beforeAndAfter(min), beforeAndAfter(max)]).toEqual([
    ["0", "1"],
    ["0", "2"],
  ]);
  const parts = [
    ...Object.values(made.all("aws_appautoscaling_policy")),
    ...Object.values(made.all("aws_appautoscaling_scheduled_action")),
  ];
  expect(parts).toHaveLength(4);
  for (const part of parts) {
    expect(lifecycle(part)).toEqual({ replace_triggered_by: ["aws_appautoscaling_target.api_scaling"] });
  }
});

test("without a schedule the bounds are Terraform's own", () => {
  const made = api({ tasks });
  expect(made.only("aws_appautoscaling_target")).not.toHaveProperty("lifecycle");
  expect(made.all("terraform_data")).toEqual({});
});

test("what is asleep by schedule is not missing: no alarm on its tasks or on refused callers", () => {
  const ids = (schedule: TaskSchedule | undefined): string[] => {
    const found: string[] = [];
    api({ tasks, schedule }, (service) => found.push(...service.alarms().map(({ id }) => id)));
    return found;
  };
  expect(ids(undefined)).toEqual(expect.arrayContaining(["tasks", "unanswered"]));
  expect(ids(night)).not.toEqual(expect.arrayContaining(["tasks"]));
  expect(ids(night)).not.toEqual(expect.arrayContaining(["unanswered"]));
});

test("a worker has a schedule too, also one that nothing else would wake", () => {
  expect(worker({ tasks, schedule: night }).errors).toEqual([]);
  const { errors } = inStack(
    (stack) => new Service(stack, "reaper", { ...surroundings(stack), tasks, schedule: night }),
  );
  expect(errors).toEqual([]);
});

/** Ids below a service's scaling, whatever it scales on, and those that every object has or vanish from addresses. */
function taken(): string[] {
  const scaleOn = { cpu: 60, memory: 75, requestsPerTarget: 900 };
  const ids = [0, 1]
    .flatMap((min) => [api({ tasks: { min, max: 4 }, scaleOn }), worker({ tasks: { min, max: 4 } })])
    .flatMap((made) => [
      ...Object.keys(made.all("aws_appautoscaling_policy")),
      ...Object.keys(made.all("aws_cloudwatch_metric_alarm")),
    ])
    .map((id) => id.replace(/^(api|worker)_scaling_/, ""));
  return [...new Set([...ids, "bounds", "this", "constructor"])];
}

describe("a schedule that cannot be is an error with its name", () => {
  const [evening, morning] = [night["evening"], night["morning"]];
  test.each<[object, RegExp]>([
    [
      { evening: { ...evening, expression: "cron(0 25 * * ? *)" }, morning },
      /^api: schedule\.evening: expression: expected hours from 0 to 23/,
    ],
    [
      { evening: { ...evening, expression: "at night" }, morning },
      /^api: schedule\.evening: expression: expected rate/,
    ],
    [
      { evening: { ...evening, expression: undefined }, morning },
      /^api: schedule\.evening: expression: .* got undefined/,
    ],
    [
      { evening: { ...evening, timezone: "Europe/Atlantis" }, morning },
      /^api: schedule\.evening: timezone: expected an IANA time zone, got "Europe\/Atlantis"/,
    ],
    [
      { evening: { ...evening, timezone: "europe/berlin" }, morning },
      /^api: schedule\.evening: timezone: .* got "europe\/berlin"/,
    ],
    [{ evening: { ...evening, timezone: "+01:00" }, morning }, /^api: schedule\.evening: timezone: .* got "\+01:00"/],
    [
      { morning: { ...morning, max: 3 } },
      /^api: schedule\.morning: max: expected an integer from 1 to 2, got 3\. More than tasks\.max/,
    ],
    [
      { morning: { ...morning, min: 2, max: 1 } },
      /^api: schedule\.morning: min: expected an integer from 1 to 1, got 2\./,
    ],
    [
      { morning: { ...morning, min: 0 } },
      /^api: schedule\.morning: min: expected an integer from 1 to 2, got 0\. Below tasks\.min/,
    ],
    [{ morning: { ...morning, min: NaN } }, /^api: schedule\.morning: min: .* got NaN/],
    [{ evening }, /^api: schedule: expected a time at which the tasks come back again and again, got \["evening"\]/],
    [{ "Mon–Fri": morning }, /^api: schedule\.Mon–Fri: expected a name in kebab-case/],
    [{ toString: morning }, /^api: schedule\.toString: expected a name in kebab-case/],
    ...taken().map((name): [object, RegExp] => [
      { [name]: morning },
      new RegExp(
        `^api: schedule\\.${name}: expected a name that nothing else of the scaling has, got "${name}"\\. .*evening`,
      ),
    ]),
    [
      { evening, morning: { ...morning, expression: "at(2030-01-01T00:00:00)" } },
      /^api: schedule: expected a time at which the tasks come back again and again, got \["evening","morning"\]/,
    ],
    [
      { evening, morning: { ...morning, expression: "cron(0 7 ? * MON-FRI 2030)" } },
      /^api: schedule: expected a time at which the tasks come back again and again/,
    ],
    [
      { evening, morning: { ...morning, expression: "at(2020-01-01T00:00:00)" } },
      /^api: schedule\.morning: expression: .*from 2026 on/,
    ],
    [
      { evening, morning: { ...morning, expression: night["evening"]?.expression } },
      /^api: schedule\.morning: expected another time than that of schedule\.evening, got "cron\(0 20 \? \* MON-FRI \*\), Europe\/Berlin"\. /,
    ],
  ])("%j", (schedule, error) => {
    expect(api({ tasks, schedule }).errors).toEqual([expect.stringMatching(error)]);
  });

  test("what comes back at the same hour of another time zone, or once beside every day, passes", () => {
    const elsewhere = { ...night["evening"], timezone: "America/New_York", min: 1, max: 2 } as ScheduledTasks;
    const once = { ...elsewhere, expression: "at(2030-01-01T00:00:00)" };
    expect(api({ tasks, schedule: { ...night, elsewhere, once } }).errors).toEqual([]);
  });

  test("time zones that Node has under an older name pass", () => {
    for (const timezone of ["UTC", "Asia/Kolkata", "Europe/Kyiv", "America/Argentina/Buenos_Aires"]) {
      const schedule = { morning: { expression: "cron(0 7 * * ? *)", timezone, min: 1, max: 2 } };
      expect(api({ tasks, schedule }).errors).toEqual([]);
    }
  });
});

describe("an API scales on all that it is told, together", () => {
  const scaleOn = { cpu: 60, memory: 75, requestsPerTarget: 900 };

  test("with at least one task, by target tracking of each", () => {
    const made = api({ tasks: { min: 1, max: 4 }, scaleOn });
    expect(made.errors).toEqual([]);
    const targets = Object.entries(made.all("aws_appautoscaling_policy")).map(([id, policy]) => {
      const config = policy["target_tracking_scaling_policy_configuration"] as Arguments;
      return [id, config["target_value"], config["predefined_metric_specification"]];
    });
    expect(targets).toEqual([
      ["api_scaling_cpu", 60, { predefined_metric_type: "ECSServiceAverageCPUUtilization" }],
      ["api_scaling_memory", 75, { predefined_metric_type: "ECSServiceAverageMemoryUtilization" }],
      [
        "api_scaling_requests",
        900,
        {
          predefined_metric_type: "ALBRequestCountPerTarget",
          resource_label: "${aws_lb.load-balancer.arn_suffix}/${aws_lb_target_group.api_target-group.arn_suffix}",
        },
      ],
    ]);
  });

  test("from zero by step policies only, which look at the requests for each task too", () => {
    const made = api({ tasks: { min: 0, max: 4 }, scaleOn });
    const types = Object.values(made.all("aws_appautoscaling_policy")).map((policy) => policy["policy_type"]);
    expect(new Set(types)).toEqual(new Set(["StepScaling"]));
    const expression = (id: string): string =>
      String((at(made, "aws_cloudwatch_metric_alarm", id)["metric_query"] as { expression?: string }[])[0]?.expression);
    expect(expression("api_scaling_busy-alarm")).toMatch(/cpu > 60 OR memory > 75 OR FILL\(each, 0\) > 900/);
    expect(expression("api_scaling_calm-alarm")).toMatch(/cpu < 30 AND memory < 37.5 AND FILL\(each, 0\) < 450/);
  });

  test.each([
    [{ cpu: 0 }, /^api: scaleOn\.cpu: expected an integer from 10 to 90 percent, got 0/],
    [{ cpu: 100 }, /^api: scaleOn\.cpu: .* got 100/],
    [{ memory: 0.8 }, /^api: scaleOn\.memory: .* got 0\.8/],
    [{ memory: "80" }, /^api: scaleOn\.memory: .* got "80"/],
    [
      { requestsPerTarget: 0 },
      /^api: scaleOn\.requestsPerTarget: expected an integer from 1 to 1000000 requests a minute, got 0/,
    ],
    [{ requestsPerTarget: NaN }, /^api: scaleOn\.requestsPerTarget: .* got NaN/],
  ])("%j is an error", (wrong, error) => {
    expect(api({ scaleOn: wrong }).errors).toEqual([expect.stringMatching(error)]);
  });
});
