import { Cluster } from "../../modules/ecs";
import { inStack } from "../support/module";
import { api, worker } from "../support/services";

describe("wrong settings are errors that name the service, what was wrong, and what to do", () => {
  test.each([
    [
      { cpu: 512, memory: 512 },
      /^worker: memory: expected 1024–4096 MiB in steps of 1024: 512 CPU units .*, got 512\./,
    ],
    [
      { cpu: 256, memory: 4096 },
      /^worker: memory: expected 512, 1024, 2048 MiB: 256 CPU units allow no other, got 4096/,
    ],
    [{ cpu: 300 }, /^worker: cpu: expected 256, 512, 1024, 2048, 4096, 8192, 16384 CPU units, got 300/],
    [{ memory: "512" }, /^worker: memory: expected 512, 1024, 2048 MiB.*got "512"/],
    [{ cpu: NaN }, /^worker: cpu: expected .* got NaN/],
    [{ logRetentionDays: 8 }, /^worker: logRetentionDays: expected one of/],
    [{ stopTimeout: 121 }, /^worker: stopTimeout: expected an integer from 2 to 120 seconds, got 121/],
    [{ environment: { "A-B": "" } }, /^worker: environment and secrets: expected names of letters, digits and _/],
    [{ environment: { DATABASE_URL: "" } }, /^worker: environment and secrets: expected each name once/],
    [{ messagesPerTask: 0 }, /^worker: messagesPerTask: expected an integer from 1/],
  ])("%j", (settings, error) => {
    expect(worker(settings).errors).toEqual([expect.stringMatching(error)]);
  });

  test.each([
    [{ port: 80 }, /^api: port: expected an integer from 1024 to 65535, got 80\. Lower ports are root's/],
    [{ healthPath: "health" }, /^api: healthPath: expected a path that begins with \/, got "health"/],
    [{ healthPath: undefined }, /^api: healthPath: expected .* got undefined/],
  ])("%j", (settings, error) => {
    expect(api(settings).errors).toEqual([expect.stringMatching(error)]);
  });

  test("a capacity that there is not", () => {
    const { errors } = inStack((stack) => new Cluster(stack, "cluster", { capacity: "reserved" as "spot" }));
    expect(errors).toEqual([expect.stringMatching(/^cluster: capacity: expected spot or on-demand, got "reserved"/)]);
  });

  test("every pair that Fargate offers passes, and all of a service's errors are told at once", () => {
    for (const [cpu, memory] of [
      [256, 2048],
      [512, 4096],
      [1024, 3072],
      [2048, 16_384],
      [4096, 30_720],
      [8192, 61_440],
      [16_384, 122_880],
    ]) {
      expect(worker({ cpu, memory }).errors).toEqual([]);
    }
    expect(worker({ cpu: 1, stopTimeout: 0, logRetentionDays: 0, tasks: { min: 3, max: 2 } }).errors).toHaveLength(4);
  });
});
