import { type AlarmSpec, type Graph, type Monitored } from "../../modules/monitoring/alarm-spec";
import { api, worker } from "../support/services";

const alarmsOf = (make: (use: (service: Monitored) => void) => unknown): AlarmSpec[] => {
  let alarms: AlarmSpec[] = [];
  make((service) => (alarms = service.alarms()));
  return alarms;
};

describe("the person on call", () => {
  const all = (min: number): AlarmSpec[] => [
    ...alarmsOf((use) => api({ tasks: { min, max: 4 } }, use)),
    ...alarmsOf((use) => worker({ tasks: { min, max: 4 } }, use)),
  ];

  test("is told for every alarm what happened, and where to look first", () => {
    for (const { description, minutes } of all(1)) {
      expect(description.length).toBeGreaterThan(100);
      expect(description).toMatch(/fb-dev-(api|worker)/);
      expect(minutes).toBeGreaterThanOrEqual(1);
    }
  });

  test("is woken when fewer tasks run than must, even if none is left to send a metric", () => {
    expect(all(2).filter(({ id }) => id === "tasks")).toEqual(
      Array(2).fill(expect.objectContaining({ threshold: 2, when: "below", missing: "alarm", severity: "critical" })),
    );
  });

  test("reads how many tasks are missing as people say it", () => {
    const told = (min: number): string => all(min).find(({ id }) => id === "tasks")?.description ?? "";
    expect(told(1)).toMatch(/^No task of fb-dev-api has run for 10 minutes\./);
    expect(told(2)).toMatch(/^Fewer than 2 tasks of fb-dev-api have run for 10 minutes\./);
  });

  test("reads, when ECS finds no capacity, that the account's vCPUs may be used up", () => {
    for (const { description } of all(1).filter(({ id }) => id === "placement"))
      expect(description).toMatch(/on demand, the account may have no vCPUs left .* Fargate Spot never falls back/);
    expect(all(1).filter(({ id }) => id === "placement")).toHaveLength(2);
  });

  test("is not woken by a service that sleeps, nor by the requests that wake it", () => {
    expect(all(0).map(({ id }) => id)).not.toEqual(expect.arrayContaining(["tasks"]));
    expect(all(0).map(({ id }) => id)).not.toContain("unanswered");
    expect(all(0).filter(({ missing }) => missing === "alarm")).toEqual([]);
  });

  test("sees requests, errors, response times, CPU, memory and tasks, in four graphs at most", () => {
    let graphs: Graph[] = [];
    api({}, (service) => (graphs = service.graphs()));
    expect(graphs).toHaveLength(4);
    expect(graphs.flatMap(({ metrics }) => metrics.map(({ name, statistic }) => `${name} ${statistic}`))).toEqual(
      expect.arrayContaining([
        "RequestCount Sum",
        "HTTPCode_Target_5XX_Count Sum",
        "TargetResponseTime p99",
        "CPUUtilization Average",
        "MemoryUtilization Average",
        "CPUUtilization SampleCount",
      ]),
    );
  });
});
