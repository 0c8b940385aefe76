import { USUAL } from "../../tools/simulation/assumptions";
import { chart } from "../../tools/simulation/chart";
import { table } from "../../tools/simulation/figures";
import { type Load } from "../../tools/simulation/load";
import { loads } from "../../tools/simulation/loads";
import { simulate } from "../../tools/simulation/simulation";
import { service } from "../support/scaling-loads";

const burst = simulate(service("dev", "worker"), loads.find(({ name }) => name === "burst") as Load, USUAL);

test("a picture shows the load above and the tasks below, with what came of it", () => {
  const svg = chart(burst);
  expect(svg).toMatch(/^<svg [^>]*width="1000"[^>]*height="620"/);
  for (const text of ["fb-dev-worker: burst", "messages that wait", "desired tasks", "running tasks", "hours"]) {
    expect(svg).toContain(`>${text}</text>`);
  }
  expect(svg).toMatch(/>woke after 1:59 min \(3:00 min\), served 2:59 min; drained after 1 h 26 min/);
});

test("the table has a line for each run, under its headings", () => {
  const [headings, line, ...more] = table([burst]).split("\n");
  expect(headings).toMatch(/^load +woke after \(at most\) +drained after \(at most\) +most tasks /);
  expect(line).toMatch(/^burst +1:59 min .* 2 +1 +198 +\$0\.010 +kept$/);
  expect(more).toEqual([]);
});
