import { CloudwatchDashboard } from "@cdktf/provider-aws/lib/cloudwatch-dashboard";
import { Lazy } from "cdktf";
import { Construct } from "constructs";
import { PRIMARY, physicalName } from "../naming";
import { regionOf } from "../naming/arn";
import { type Graph } from "./alarm-spec";

/** CloudWatch's grid, in its own units. */
const COLUMNS = 24;
const TITLE_HEIGHT = 1;
const GRAPH_HEIGHT = 6;
const ALARMS_HEIGHT = 2;

interface Row {
  readonly title: string;
  readonly graphs: readonly Graph[];
}

interface Widget {
  readonly type: "text" | "metric" | "alarm";
  readonly width: number;
  readonly height: number;
  readonly properties: object;
}

/** One page that reads like the architecture: the state of the alarms, then a row for each thing that is watched. */
export class Dashboard extends Construct {
  readonly name: string;
  private readonly rows: Row[] = [];
  private readonly alarmArns: string[] = [];
  private readonly region: string;

  constructor(scope: Construct, id: string) {
    super(scope, id);
    this.region = regionOf(this);
    this.name = physicalName(this, { max: 255 });
    // The first three dashboards of an account are free, each further one costs $3 a month.
    new CloudwatchDashboard(this, PRIMARY, {
      dashboardName: this.name,
      // Rows are added until the synth.
      dashboardBody: Lazy.stringValue({ produce: () => JSON.stringify({ widgets: this.widgets() }) }),
    });
  }

  addRow(title: string, graphs: readonly Graph[]): void {
    this.rows.push({ title, graphs });
  }

  addAlarm(arn: string): void {
    this.alarmArns.push(arn);
  }

  private widgets(): object[] {
    const lines = this.rows.flatMap(({ title, graphs }) => [
      [text(`## ${title}`)],
      graphs.map((graph) => this.metrics(graph, COLUMNS / graphs.length)),
    ]);
    if (this.alarmArns.length > 0) lines.unshift([alarms(this.alarmArns)]);
    return placed(lines);
  }

  private metrics({ title, metrics, unit }: Graph, width: number): Widget {
    return {
      type: "metric",
      width: Math.floor(width),
      height: GRAPH_HEIGHT,
      properties: {
        title,
        view: "timeSeries",
        region: this.region,
        period: 60,
        metrics: metrics.map(({ namespace, name, dimensions, statistic, label }) => [
          namespace,
          name,
          ...Object.entries(dimensions).flat(),
          { stat: statistic, label: label ?? `${name} (${statistic})` },
        ]),
        yAxis: { left: { min: 0, ...(unit && { label: unit, showUnits: false }) } },
      },
    };
  }
}

function text(markdown: string): Widget {
  return { type: "text", width: COLUMNS, height: TITLE_HEIGHT, properties: { markdown, background: "transparent" } };
}

function alarms(arns: string[]): Widget {
  return { type: "alarm", width: COLUMNS, height: ALARMS_HEIGHT, properties: { title: "Alarms", alarms: arns } };
}

/** Lines of widgets below each other, the widgets of a line side by side. */
function placed(lines: readonly (readonly Widget[])[]): object[] {
  let top = 0;
  return lines.flatMap((line) => {
    const y = top;
    let left = 0;
    top += Math.max(0, ...line.map(({ height }) => height));
    return line.map((widget) => {
      const x = left;
      left += widget.width;
      return { ...widget, x, y };
    });
  });
}
