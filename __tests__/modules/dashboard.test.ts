import { type Construct } from "constructs";
import { type Graph, Monitoring } from "../../modules/monitoring";
import { Queue } from "../../modules/sqs";
import { inStack, parsed } from "../support/module";
import { Thing, metric } from "../support/thing";

const ADDRESSES = { alarms: { atLeast: "warning", email: "ops@example.com" } } as const;

interface Widget {
  readonly type: string;
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
  readonly properties: Readonly<Record<string, unknown>>;
}

function dashboard(build: (stack: Construct) => void): Widget[] {
  return (parsed(inStack(build).only("aws_cloudwatch_dashboard"), "dashboard_body") as { widgets: Widget[] }).widgets;
}

test("the dashboard reads like the architecture: a row for each thing that shows something, in the order of watch()", () => {
  const widgets = dashboard((stack) => {
    const graph: Graph = { title: "CPU", metrics: [metric], unit: "Percent" };
    const monitoring = new Monitoring(stack, "monitoring");
    monitoring.watch(new Thing(stack, "api", [], [graph, graph, graph]), new Thing(stack, "worker", [], [graph]));
    monitoring.watch(new Thing(stack, "idle", []));
  });
  const titles = widgets.filter(({ type }) => type === "text").map(({ properties }) => properties["markdown"]);
  expect(titles).toEqual(["## api", "## worker"]);
  expect(widgets.map(({ type, x, y, width }) => [type, x, y, width])).toEqual([
    ["text", 0, 0, 24],
    ["metric", 0, 1, 8],
    ["metric", 8, 1, 8],
    ["metric", 16, 1, 8],
    ["text", 0, 7, 24],
    ["metric", 0, 8, 24],
  ]);
});

test("widgets neither overlap nor leave the 24 columns", () => {
  const widgets = dashboard((stack) =>
    new Monitoring(stack, "monitoring", ADDRESSES).watch(new Queue(stack, "flows"), new Queue(stack, "mails")),
  );
  const cells = widgets.flatMap(({ x, y, width, height }) =>
    Array.from(
      { length: width * height },
      (_, cell) => `${String(x + (cell % width))},${String(y + Math.floor(cell / width))}`,
    ),
  );
  expect(new Set(cells).size).toBe(cells.length);
  expect(Math.max(...cells.map((cell) => Number(cell.split(",")[0])))).toBe(23);
});

test("a graph is CloudWatch's own form of it, in an explicit region, with references that Terraform resolves", () => {
  const dimensions = { LoadBalancer: "${aws_lb.api.arn_suffix}" };
  const [, widget] = dashboard((stack) => {
    const graph: Graph = { title: "CPU", metrics: [{ ...metric, dimensions, label: "busy" }], unit: "Percent" };
    new Monitoring(stack, "monitoring").watch(new Thing(stack, "api", [], [graph]));
  });
  expect(widget?.properties).toEqual({
    title: "CPU",
    view: "timeSeries",
    region: "eu-west-1",
    period: 60,
    metrics: [
      ["AWS/ECS", "CPUUtilization", "LoadBalancer", "${aws_lb.api.arn_suffix}", { stat: "Average", label: "busy" }],
    ],
    yAxis: { left: { min: 0, label: "Percent", showUnits: false } },
  });
});

test("where there are alarms, the dashboard begins with their state", () => {
  const [first] = dashboard((stack) =>
    new Monitoring(stack, "monitoring", { alarms: { ...ADDRESSES.alarms, atLeast: "critical" } }).watch(
      new Queue(stack, "flows"),
    ),
  );
  expect(first).toMatchObject({
    type: "alarm",
    properties: {
      alarms: [
        "${aws_cloudwatch_metric_alarm.flows_dead-letters.arn}",
        "${aws_cloudwatch_metric_alarm.flows_late.arn}",
      ],
    },
  });
});

test("the dashboard's address in the console names its region and itself", () => {
  inStack((stack) => {
    expect(new Monitoring(stack, "monitoring").dashboardUrl).toBe(
      "https://eu-west-1.console.aws.amazon.com/cloudwatch/home?region=eu-west-1#dashboards/dashboard/fb-dev-monitoring",
    );
  });
});

test("the business has a page of its own, which is there only when something is on it", () => {
  const pages = (build: (monitoring: Monitoring) => void): Record<string, string> => {
    const made = inStack((stack) => {
      build(new Monitoring(stack, "monitoring"));
    });
    return Object.fromEntries(
      Object.values(made.all("aws_cloudwatch_dashboard")).map(({ dashboard_name, dashboard_body }) => [
        String(dashboard_name),
        String(dashboard_body),
      ]),
    );
  };
  expect(Object.keys(pages(() => undefined))).toEqual(["fb-dev-monitoring"]);
  const both = pages((monitoring) => {
    monitoring.business("Webhooks", [{ title: "Delivered", metrics: [metric] }]);
  });
  expect(Object.keys(both).sort()).toEqual(["fb-dev-monitoring", "fb-dev-monitoring-business"]);
  expect(both["fb-dev-monitoring-business"]).toContain("Delivered");
  expect(both["fb-dev-monitoring"]).not.toContain("Delivered");
});
