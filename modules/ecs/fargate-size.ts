import { type Construct } from "constructs";
import { check } from "../checks";

/** MiB from `min` to `max`, in steps. */
interface Memory {
  readonly min: number;
  readonly max: number;
  readonly step: number;
}

const GIB = 1024;

/** The memory that each CPU size may have, from the ECS Developer Guide, "Task CPU and memory" for Fargate on Linux. */
const MEMORY: ReadonlyMap<unknown, Memory> = new Map([
  [512, { min: GIB, max: 4 * GIB, step: GIB }],
  [1024, { min: 2 * GIB, max: 8 * GIB, step: GIB }],
  [2048, { min: 4 * GIB, max: 16 * GIB, step: GIB }],
  [4096, { min: 8 * GIB, max: 30 * GIB, step: GIB }],
  [8192, { min: 16 * GIB, max: 60 * GIB, step: 4 * GIB }],
  [16384, { min: 32 * GIB, max: 120 * GIB, step: 8 * GIB }],
]);

/** The smallest CPU size doubles its memory instead of adding to it. */
const SMALLEST_CPU = 256;
const SMALLEST_MEMORY: readonly unknown[] = [512, 1024, 2048];

/** `check` that Fargate offers a pair of CPU units and MiB. `what` names the service: "api". */
export function checkFargateSize(scope: Construct, what: string, cpu: unknown, memory: unknown): boolean {
  if (cpu === SMALLEST_CPU) {
    return check(scope, SMALLEST_MEMORY.includes(memory), {
      what: `${what}: memory`,
      got: memory,
      expected: `${SMALLEST_MEMORY.join(", ")} MiB: 256 CPU units allow no other`,
      fix: "Take one of them, or more CPU.",
    });
  }
  const range = MEMORY.get(cpu);
  if (!range) {
    return check(scope, false, {
      what: `${what}: cpu`,
      got: cpu,
      expected: `${[SMALLEST_CPU, ...MEMORY.keys()].join(", ")} CPU units`,
      fix: "1024 are one vCPU; these are the sizes that Fargate has.",
    });
  }
  const { min, max, step } = range;
  return check(scope, inRange(memory, range), {
    what: `${what}: memory`,
    got: memory,
    expected: `${String(min)}–${String(max)} MiB in steps of ${String(step)}: ${String(cpu)} CPU units allow no other`,
    fix: "Take one of them, or another CPU size.",
  });
}

function inRange(memory: unknown, { min, max, step }: Memory): boolean {
  return typeof memory === "number" && memory >= min && memory <= max && memory % step === 0;
}
