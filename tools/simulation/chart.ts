import { init } from "echarts";
import { figures } from "./figures";
import { violations } from "./guarantees";
import { type Run } from "./simulation";

const WIDTH = 1000;
const HEIGHT = 620;
const COLOURS = { load: "#3b6ea5", other: "#c0392b", desired: "#e08a00", running: "#2e7d4f" };
const LEGEND = { left: 76, icon: "roundRect", itemWidth: 18, itemHeight: 8, itemGap: 36 };
const FONT = "Helvetica, Arial, DejaVu Sans, sans-serif";

/** A picture of a run, as SVG: the load above, the tasks below, over the same hours. */
export function chart(run: Run): string {
  const { load, service, samples } = run;
  const messages = load.kind === "messages";
  const names = messages
    ? { load: "messages that wait", other: "messages in flight" }
    : { load: "requests a minute", other: "of them refused (503)" };
  const hours = (pick: (sample: (typeof samples)[number]) => number): [number, number][] =>
    samples.map((sample, minute) => [(minute + 1) / 60, pick(sample)]);
  const line = (name: string, color: string, grid: number, data: [number, number][], area = false) => ({
    name,
    type: "line" as const,
    step: "end" as const,
    showSymbol: false,
    xAxisIndex: grid,
    yAxisIndex: grid,
    data,
    itemStyle: { color },
    lineStyle: { color, width: 2 },
    ...(area && { areaStyle: { color, opacity: 0.15 } }),
  });
  const end = load.seconds / 3600;
  const chart = init(null, null, { renderer: "svg", ssr: true, width: WIDTH, height: HEIGHT });
  chart.setOption({
    animation: false,
    textStyle: { fontFamily: FONT },
    title: {
      text: `${service.name}: ${load.name}`,
      subtext: `${load.description}\n${summary(run)}`,
      left: 76,
      top: 8,
      textStyle: { fontSize: 18 },
      subtextStyle: { fontSize: 13, color: "#444", lineHeight: 18 },
    },
    grid: [
      { left: 80, right: 30, top: 128, height: 185, outerBoundsMode: "none" },
      { left: 80, right: 30, top: 375, height: 185, outerBoundsMode: "none" },
    ],
    legend: [
      { ...LEGEND, top: 96, data: [names.load, names.other] },
      { ...LEGEND, top: 345, data: ["desired tasks", "running tasks"] },
    ],
    xAxis: [0, 1].map((grid) => ({
      type: "value",
      gridIndex: grid,
      min: 0,
      max: end,
      minInterval: 0.25,
      name: grid === 1 ? "hours" : "",
      nameLocation: "middle",
      nameGap: 28,
      axisLabel: { show: grid === 1 },
    })),
    yAxis: [
      {
        type: "value",
        gridIndex: 0,
        min: 0,
        minInterval: 1,
        name: messages ? "messages" : "requests a minute",
        nameLocation: "middle",
        nameGap: 58,
      },
      {
        type: "value",
        gridIndex: 1,
        min: 0,
        max: service.max + 1,
        minInterval: 1,
        name: "tasks",
        nameLocation: "middle",
        nameGap: 58,
      },
    ],
    series: [
      line(
        names.load,
        COLOURS.load,
        0,
        hours((sample) => sample.load),
        true,
      ),
      line(
        names.other,
        COLOURS.other,
        0,
        hours((sample) => sample.other),
      ),
      line(
        "desired tasks",
        COLOURS.desired,
        1,
        hours((sample) => sample.desired),
      ),
      line(
        "running tasks",
        COLOURS.running,
        1,
        hours((sample) => sample.running),
        true,
      ),
    ],
  });
  const svg = chart.renderToSVGString();
  chart.dispose();
  return `${svg}\n`;
}

function summary(run: Run): string {
  const { wake, drained, turns, taskMinutes, cost } = figures(run);
  const told = [
    wake === "awake" ? "" : `woke after ${wake}`,
    drained && `drained after ${drained}`,
    turns === "1" ? "1 change of direction" : `${turns} changes of direction`,
    `${taskMinutes} task minutes, ${cost}`,
    ...violations(run).slice(0, 1),
  ];
  return told.filter(Boolean).join("; ");
}
