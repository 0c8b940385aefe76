import { appendFileSync, mkdirSync } from "node:fs";
import { dirname } from "node:path";
import { localFolder } from "../../../tools/support/project";
import { type Accident, accidents, survive } from "../support/kill-and-doctor";
import { Sandbox } from "../support/sandbox";
import { steps } from "../support/steps";

/**
 * More moments, and other ones:
 * `KILLS=20 KILL_SEED=7 npx jest __tests__/e2e/long/doctor.test.ts --selectProjects e2e -t killed`
 */
const COUNT = Number(process.env["KILLS"] ?? 3);
const SEED = Number(process.env["KILL_SEED"] ?? 4);
/** They mostly wait, but each plan costs a core for seconds. */
const AT_ONCE = 3;
/** One line of JSON for each accident. */
const REPORT = localFolder("reports", "kills.jsonl");

/** What holds data, or is named by others: an interrupted deploy must not replace it. */
const PROTECTED =
  /^aws_(db_instance|elasticache_replication_group|sqs_queue|secretsmanager_secret|kms_key|ecr_repository|cloudwatch_log_group)\./;

const step = steps();
let sandbox: Sandbox;

beforeAll(async () => {
  sandbox = await Sandbox.start("doctor");
  await (await sandbox.checkout()).bootstrap("dev");
}, 300_000);

afterAll(() => sandbox?.end(), 60_000);

step(
  "deploys killed at random moments are brought back to an empty plan by what the doctor says, and lose nothing",
  async () => {
    const outcomes = await sideBySide(accidents(COUNT, SEED), AT_ONCE, outcomeOf);
    expect(outcomes).toEqual(outcomes.map(() => ({ destroyed: [], changes: [], unknown: [] })));
  },
  COUNT,
);

async function outcomeOf(accident: Accident): Promise<object> {
  const recovery = await survive(accident, sandbox).catch((error: unknown) => ({ ...accident, failed: String(error) }));
  mkdirSync(dirname(REPORT), { recursive: true });
  appendFileSync(REPORT, `${JSON.stringify(recovery)}\n`);
  if ("failed" in recovery) return recovery;
  const { destroyed, changes, unknown } = recovery;
  return { destroyed: destroyed.filter((address) => PROTECTED.test(address)), changes, unknown };
}

/** Does the work of all, so many at a time. */
async function sideBySide<T, R>(all: readonly T[], atOnce: number, work: (item: T) => Promise<R>): Promise<R[]> {
  const results: R[] = [];
  const waiting = [...all.entries()];
  const worker = async (): Promise<void> => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
      const [index, item] = next;
      results[index] = await work(item);
    }
  };
  await Promise.all(Array.from({ length: atOnce }, worker));
  return results;
}
