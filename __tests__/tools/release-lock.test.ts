import { type Holder, isDead, releaseHolder, withReleaseLock } from "../../tools/support/release-lock";
import { AwsError, type RunningAwsApi, startAwsApi } from "../support/aws-api";

const stack = { deployment: "wo-dev", bucket: "states", key: "wo/wo-dev/terraform.tfstate", lockTable: "locks" };
const again = "npm run release -- dev";

type Item = Record<string, { S?: string; N?: string }>;

/** The lock table: one item, and the conditions that the lock puts. */
let item: Item | undefined;
let lostAnswers = 0;
let aws: RunningAwsApi;
const clients = () => aws.clients;

const holds = (input: Record<string, unknown>): void => {
  const values = (input["ExpressionAttributeValues"] ?? {}) as Item;
  const condition = String(input["ConditionExpression"]);
  const met =
    condition === "attribute_not_exists(LockID)"
      ? item === undefined
      : [...condition.matchAll(/(\w+) = (:\w+)/g)].every(([, name, value]) => {
          return item?.[String(name)]?.S === (values as Record<string, { S?: string }>)[String(value)]?.S;
        });
  if (!met) throw new AwsError(400, "ConditionalCheckFailedException", "The conditional request failed");
};

beforeAll(async () => {
  aws = await startAwsApi({
    "DynamoDB_20120810.GetItem": () => (item ? { Item: item } : {}),
    "DynamoDB_20120810.PutItem": (input) => {
      holds(input);
      item = input["Item"] as Item;
      if (lostAnswers === 0) return {};
      lostAnswers -= 1;
      throw new AwsError(500, "InternalServerError", "It was done all the same");
    },
    "DynamoDB_20120810.DeleteItem": (input) => {
      holds(input);
      item = undefined;
      return {};
    },
  });
});
afterAll(() => aws.stop());
beforeEach(() => {
  item = undefined;
});

const take = (body: () => Promise<void> = () => Promise.resolve(), notice: (message: string) => void = () => {}) =>
  withReleaseLock(stack, "release", clients(), body, { again, notice, patience: 200 });

/** Somebody else's lock, with a last sign of life so many seconds ago. */
const somebody = (seconds: number, machine = "laptop"): Item => ({
  LockID: { S: `states/${stack.key}.release` },
  What: { S: "release" },
  Who: { S: "ada@laptop" },
  Since: { S: "2026-11-21T12:03:44.000Z" },
  Beat: { S: new Date(Date.now() - seconds * 1000).toISOString() },
  Id: { S: "hers" },
  Machine: { S: machine },
  Pid: { N: "7" },
});

test("while it is held its item says who does what, and afterwards it is gone, whatever came of it", async () => {
  await take(() => {
    expect(item).toMatchObject({ LockID: { S: `states/${stack.key}.release` }, What: { S: "release" } });
    expect(item?.["Who"]?.S).toMatch(/\w/);
    return Promise.resolve();
  });
  expect(item).toBeUndefined();

  await expect(take(() => Promise.reject(new Error("it failed")))).rejects.toThrow("it failed");
  expect(item).toBeUndefined();
});

test("a second one is refused with the holder's name, since when and for what, and the holder keeps it", async () => {
  item = somebody(10);
  await expect(take()).rejects.toMatchObject({
    message: expect.stringContaining("a release of wo-dev by ada@laptop runs since 2026-11-21 12:03:44 UTC"),
    advice: { next: again },
  });
  expect(item).toMatchObject({ Id: { S: "hers" } });
});

test("after 90 seconds without a sign of life it is taken over, and that is said", async () => {
  item = somebody(91);
  const notices: string[] = [];
  await take(undefined, (message) => notices.push(message));
  expect(notices).toEqual([
    expect.stringContaining("seems to be dead"),
    expect.stringContaining("Took over the lock of a release of wo-dev by ada@laptop, begun"),
  ]);
  expect(item).toBeUndefined();
});

test("one that only looks dead, since its clock is behind ours, keeps its lock", async () => {
  item = somebody(300);
  const held = withReleaseLock(stack, "release", clients(), () => Promise.resolve(), {
    again,
    patience: 200,
    notice: () => (item = somebody(290)),
  });
  await expect(held).rejects.toThrow("a release of wo-dev by ada@laptop runs since");
  expect(item).toMatchObject({ Id: { S: "hers" } });
});

test("a put whose answer was lost, and which the SDK sent again, has taken it", async () => {
  lostAnswers = 1;
  await take(() => Promise.resolve());
  expect(item).toBeUndefined();
});

test("one whose process was killed on this machine is dead at once; one on another machine is not", async () => {
  let mine: Holder | undefined;
  await take(async () => {
    mine = await releaseHolder(stack, clients());
  });
  const holder = mine as Holder;
  expect(isDead(holder)).toBe(false);
  expect(isDead(holder, new Date(), () => false)).toBe(true);
  expect(isDead({ ...holder, machine: "another" }, new Date(), () => false)).toBe(false);
});

test("one that somebody took over meanwhile is not freed", async () => {
  await take(() => {
    item = somebody(0);
    return Promise.resolve();
  });
  expect(item).toMatchObject({ Id: { S: "hers" } });
});

test("nobody holds it where there is no item", async () => {
  expect(await releaseHolder(stack, clients())).toBeUndefined();
});
