import { type Assumptions, PROMPT, USUAL } from "../../tools/simulation/assumptions";
import { violations } from "../../tools/simulation/guarantees";
import { type Load } from "../../tools/simulation/load";
import { loads } from "../../tools/simulation/loads";
import { simulate } from "../../tools/simulation/simulation";
import { type Mutable, environments, service } from "../support/scaling-loads";

type Arguments = Record<string, unknown>;
type Name = "api" | "worker";

const LATE: Assumptions = { ...USUAL, publication: { sqs: 0, ecs: 0, elb: 120 }, extraDataPoints: 5, taskStart: 20 };

const of = (name: string): Load => loads.find((load) => load.name === name) as Load;
const found = (stack: Mutable, type: string, id: string): Arguments => {
  const args = stack[type]?.[id];
  if (!args) throw new Error(`${type}.${id} is gone: mutate what there is now`);
  return args;
};
const alarm = (stack: Mutable, id: string): Arguments => found(stack, "aws_cloudwatch_metric_alarm", `${id}-alarm`);
const steps = (stack: Mutable, id: string): Arguments =>
  found(stack, "aws_appautoscaling_policy", id)["step_scaling_policy_configuration"] as Arguments;
const queries = (stack: Mutable, id: string): Arguments[] => alarm(stack, id)["metric_query"] as Arguments[];
const expression = (stack: Mutable, id: string, change: (text: string) => string): void => {
  const query = queries(stack, id).find(({ expression: text }) => text !== undefined) as Arguments;
  const changed = change(String(query["expression"]));
  if (changed === query["expression"]) throw new Error(`${id}: the mutation changed nothing in ${changed}`);
  query["expression"] = changed;
};

interface Mutation {
  readonly what: string;
  readonly service: Name;
  readonly load: string;
  readonly under?: Assumptions;
  readonly change: (stack: Mutable) => void;
  readonly breaks: RegExp;
}

const mutations: readonly Mutation[] = [
  {
    what: "a step that starts at 100 messages",
    service: "worker",
    load: "one-message",
    change: (stack) => {
      const [first] = steps(stack, "worker_scaling_awake")["step_adjustment"] as Arguments[];
      Object.assign(first as Arguments, { metric_interval_lower_bound: "100", metric_interval_upper_bound: "200" });
    },
    breaks: /^woke .* later than/,
  },
  {
    what: "missing data as breaching on the alarm that wakes the worker",
    service: "worker",
    load: "untouched",
    change: (stack) => Object.assign(alarm(stack, "worker_scaling_awake"), { treat_missing_data: "breaching" }),
    breaks: /^woke at minute .* for nothing/,
  },
  {
    what: "missing data as breaching on the alarm that puts the worker to sleep",
    service: "worker",
    load: "sqs-silent",
    change: (stack) => Object.assign(alarm(stack, "worker_scaling_asleep"), { treat_missing_data: "breaching" }),
    breaks: /^slept at minute .* with work that is open/,
  },
  {
    what: "target tracking beside the steps",
    service: "worker",
    load: "long-work",
    change: (stack) => {
      const { resource_id } = found(stack, "aws_appautoscaling_policy", "worker_scaling_awake");
      Object.assign(stack["aws_appautoscaling_policy"] as object, {
        tracking: {
          name: "tracking",
          policy_type: "TargetTrackingScaling",
          resource_id,
          target_tracking_scaling_policy_configuration: {
            target_value: 70,
            predefined_metric_specification: { predefined_metric_type: "ECSServiceAverageCPUUtilization" },
          },
        },
      });
    },
    breaks: /^fought at minute|^killed a task/,
  },
  {
    what: "sleep that does not ask for messages in flight",
    service: "worker",
    load: "long-work",
    change: (stack) => {
      expression(stack, "worker_scaling_asleep", (text) => text.replace(" + FILL(in_flight, 0)", ""));
    },
    breaks: /^slept at minute .* with work that is open/,
  },
  {
    what: "alarms that look at five minutes at a time",
    service: "worker",
    load: "one-message",
    change: (stack) => {
      for (const { metric } of queries(stack, "worker_scaling_awake")) {
        if (metric) (metric as Arguments)["period"] = 300;
      }
      Object.assign(alarm(stack, "worker_scaling_awake"), { threshold: 30 });
    },
    breaks: /^woke .* later than/,
  },
  {
    what: "waking to a number of tasks instead of adding what is missing",
    service: "worker",
    load: "long-work",
    change: (stack) => Object.assign(steps(stack, "worker_scaling_awake"), { adjustment_type: "ExactCapacity" }),
    breaks: /^killed a task/,
  },
  {
    what: "a queue's silence filled with 0",
    service: "worker",
    load: "sqs-silent",
    change: (stack) => {
      expression(stack, "worker_scaling_asleep", (text) => text.replace("running > 0 AND visible >= 0", "running > 0"));
    },
    breaks: /^slept at minute .* with work that is open/,
  },
  {
    what: "an hour's cooldown after waking",
    service: "worker",
    load: "one-message",
    change: (stack) => Object.assign(steps(stack, "worker_scaling_awake"), { cooldown: 3 * 3600 }),
    breaks: /^woke .* later than/,
  },
  {
    what: "FILL on the very metric that wakes the API, and one data point",
    service: "api",
    load: "first-call",
    change: (stack) => {
      expression(stack, "api_scaling_awake", () => "FILL(refused, 0)");
      Object.assign(alarm(stack, "api_scaling_awake"), { evaluation_periods: 1 });
    },
    breaks: /^woke .* later than/,
  },
  {
    what: "waking the API to one task while another policy adds a second",
    service: "api",
    load: "cold-rush",
    under: LATE,
    change: (stack) =>
      Object.assign(steps(stack, "api_scaling_awake"), { adjustment_type: "ExactCapacity", cooldown: 60 }),
    breaks: /^fought at minute|^refused requests/,
  },
  {
    what: "sleep after ten minutes without a request",
    service: "api",
    load: "sparse",
    change: (stack) =>
      Object.assign(alarm(stack, "api_scaling_asleep"), { evaluation_periods: 10, datapoints_to_alarm: 10 }),
    breaks: /^slept at minute .* after a request/,
  },
];

/** Loads that only a mutation minds. */
const more: readonly Load[] = [
  {
    kind: "requests",
    name: "cold-rush",
    description: "requests for three tasks to an API that sleeps",
    seconds: 3 * 3600,
    segments: [{ from: 1800, to: 5400, perMinute: 60, cpu: 300 }],
  },
  {
    kind: "requests",
    name: "sparse",
    description: "a request every 20 minutes",
    seconds: 3 * 3600,
    segments: [{ from: 60, to: 3 * 3600, perMinute: 0.05 }],
  },
];

describe("a stack that is changed for the worse breaks a promise (simulated)", () => {
  test.each(mutations)("$what", ({ service: name, load: loadName, under = USUAL, change, breaks }) => {
    const all = twice([...loads, ...more].find((load) => load.name === loadName) as Load);
    expect(violations(simulate(service("dev", name), all, under))).toEqual([]);
    expect(violations(simulate(service("dev", name, change), all, under))).toContainEqual(
      expect.stringMatching(breaks),
    );
  });

  /** One message again, an hour later: the first one alone does not meet a cooldown. */
  function twice(load: Load): Load {
    if (load.name !== "one-message" || load.kind !== "messages") return load;
    const [first] = load.arrivals;
    return {
      ...load,
      seconds: load.seconds + 3600,
      arrivals: [...load.arrivals, { at: (first?.at ?? 0) + 3600, count: 1 }],
    };
  }

  test.each(environments.slice(1))(
    "%s: a metric that is filled with 0 while it is late keeps target tracking from acting",
    (name) => {
      const worker = service(name, "worker", (stack) => {
        const policy = found(stack, "aws_appautoscaling_policy", "worker_scaling_backlog");
        const text = JSON.stringify(policy).replace(
          /"IF\(running > 0[^"]*"/,
          '"(visible + FILL(in_flight, 0)) / FILL(running, 1)"',
        );
        Object.assign(policy, JSON.parse(text) as Arguments);
      });
      expect(simulate(worker, of("burst"), USUAL).steps).toEqual([]);
      expect(simulate(service(name, "worker"), of("burst"), USUAL).steps).not.toEqual([]);
      expect(simulate(worker, of("burst"), PROMPT).steps).not.toEqual([]);
    },
  );

  test("a metric that nothing sends is an error, not silence", () => {
    const change = (stack: Mutable): void => {
      const [, visible] = queries(stack, "worker_scaling_awake");
      ((visible as Arguments)["metric"] as Arguments)["metric_name"] = "ApproximateNumberOfMessagesVisibel";
    };
    expect(() => simulate(service("dev", "worker", change), of("one-message"))).toThrow(
      /^Nothing in this simulation sends AWS\/SQS ApproximateNumberOfMessagesVisibel {QueueName=fb-dev-flows}/,
    );
  });
});
