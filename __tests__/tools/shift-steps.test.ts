import type { ClientConfig } from "../../tools/support/aws-clients";
import { checkNoneShifts, shiftSteps } from "../../tools/support/shift-steps";
import { told } from "../../tools/support/failure";

/** One function as Lambda and CodeDeploy would have it: a shift ends with all the traffic at its version. */
let alias: { live: number; newest: number; shift: number | undefined };
/** What was asked of CodeDeploy, in order. */
let asked: string[];

jest.mock("../../tools/support/live-functions", () => ({
  live: () => Promise.resolve({ version: alias.live }),
  versions: () => Promise.resolve([alias.newest, alias.live]),
}));
jest.mock("../../tools/support/shifts", () => ({
  runningShift: () => Promise.resolve(alias.shift === undefined ? undefined : "under way"),
  startShift: (_: string, from: number, to: number) => {
    asked.push(`start ${String(from)} to ${String(to)}`);
    alias.shift = to;
    return Promise.resolve("started");
  },
  followShift: (_: string, id: string) => {
    asked.push(`follow ${id}`);
    alias = { ...alias, live: alias.shift ?? alias.live, shift: undefined };
    return Promise.resolve();
  },
}));

const functions = [{ path: "delivery", name: "es-production-delivery", shifted: true }];
const clients: ClientConfig = { region: "eu-west-1" };
const run = async (): Promise<string | undefined> => {
  const [step] = shiftSteps(functions, clients, "npx cdktf deploy production-stack");
  return step?.run(() => undefined);
};

beforeEach(() => (asked = []));

test("the newest version gets the traffic; once it has it, nothing is done", async () => {
  alias = { live: 4, newest: 5, shift: undefined };
  expect(await run()).toBe("version 5 has all the traffic, before it was 4");
  expect(asked).toEqual(["start 4 to 5", "follow started"]);
  expect(await run()).toBe("version 5 is the newest");
});

test("a shift under way is followed, and one to a version that was published meanwhile comes after it", async () => {
  alias = { live: 4, newest: 6, shift: 5 };
  expect(await run()).toBe("version 6 has all the traffic, before it was 4");
  expect(asked).toEqual(["follow under way", "start 5 to 6", "follow started"]);
});

test("while traffic is shifted nothing is released over it: its alarms would watch another version", async () => {
  alias = { live: 4, newest: 5, shift: 5 };
  const refused = await checkNoneShifts(functions, "production", clients).catch((error: unknown) => error);
  expect(told(refused as Error)).toMatch(
    /^The traffic of delivery is being shifted[^]*npm run rollback -- production delivery[^]*Next: npm run shift -- production$/,
  );
  alias.shift = undefined;
  expect(await checkNoneShifts(functions, "production", clients)).toBeUndefined();
});
