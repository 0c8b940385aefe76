import { type Session } from "../../tools/release/session";
import { Story } from "../../tools/release/story";
import { UsageError } from "../../deployment";
import { Failure, Interrupted, told } from "../../tools/support/failure";

/** Before the synth: nothing is known of a stack. */
const session = { again: "npm run release -- dev", log: "release.log", environment: "dev" } as Session;
const after = async (chapter: Story["chapter"], error: unknown): Promise<string> => {
  const story = new Story();
  story.chapter = chapter;
  return told((await story.ended(error, session)) as Failure);
};

test("a failure is told with how things stand and the command that goes on", async () => {
  const text = await after("infrastructure", new Failure("The network is gone."));
  expect(text).toMatch(/^The network is gone\.\nThe infrastructure is applied in part\. The services run the images/);
  expect(text).toMatch(/Next: npm run release -- dev$/);
});

test("its own next command wins over running it again", async () => {
  expect(await after("prepared", new Failure("Locked.", { next: "npm run doctor -- dev" }))).toMatch(
    /Next: npm run doctor -- dev$/,
  );
});

test("what was asked for wrongly is not told to be asked for again", async () => {
  expect(await after("begun", new UsageError("PREFIX: expected wo or wo-<number>."))).toBe(
    "PREFIX: expected wo or wo-<number>.\nNothing was changed.",
  );
});

test("what says itself that nothing was changed says it once", async () => {
  const text = await after("begun", new Failure("There is no image v9. Nothing was changed."));
  expect(text.match(/Nothing was changed\./g)).toHaveLength(1);
});

test("a ctrl-C is told with how things stand, also before anything is known", async () => {
  const ended = await new Story().ended(new Interrupted("Interrupted."), session);
  expect(ended).toBeInstanceOf(Interrupted);
  expect(told(ended as Failure)).toMatch(/^Interrupted\. Nothing was changed\.\n/);
  expect(await after("rolling", new Interrupted("Interrupted."))).toContain("some services may run them already");
});

test("after a ctrl-C in the apply the doctor comes first, for what was being made may be tainted", async () => {
  expect(await after("infrastructure", new Interrupted("Interrupted."))).toMatch(
    /applied in part\.[^]*the doctor says what mends it[^]*Then go on with npm run release -- dev\.[^]*Next: npm run doctor -- dev$/,
  );
});

test("an error of AWS becomes a sentence, and a mistake of ours keeps its stack trace", async () => {
  const lost = Object.assign(new Error("getaddrinfo ENOTFOUND ecs.eu-west-1.amazonaws.com"), { code: "ENOTFOUND" });
  expect(await after("pointing", lost)).toMatch(
    /AWS could not be reached[^]*The pointers may name the new images already/,
  );
  const mistake = new TypeError("x is not a function");
  expect(await new Story().ended(mistake, session)).toBe(mistake);
});
