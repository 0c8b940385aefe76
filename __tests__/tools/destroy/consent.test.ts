import { consented } from "../../../tools/destroy/consent";
import { type Given } from "../../../tools/support/consent";
import { targetOf } from "../../../tools/destroy/target";
import { told } from "../../../tools/support/failure";
import { type UsageError } from "../../../deployment";

const preview = targetOf("flow-builder", "dev", "fb-42-dev");
const production = targetOf("flow-builder", "production", "fb-production");
let shown: jest.SpyInstance;

beforeEach(() => {
  shown = jest.spyOn(console, "log").mockImplementation();
});
afterEach(() => jest.restoreAllMocks());

/** Without a terminal, as in a CI. */
async function answer(target: typeof preview, given: Partial<Given>): Promise<boolean | string> {
  try {
    return await consented(target, ["3 messages"], { yes: false, ...given }, "npm run destroy -- dev");
  } catch (error) {
    return told(error as UsageError);
  }
}

test("what is lost is shown before anything is asked", async () => {
  await answer(preview, { yes: true });
  expect(shown.mock.calls.flat().join("\n")).toContain(
    "This destroys the preview fb-42-dev (flow-builder, dev) for good, and with it:\n  3 messages",
  );
});

test("a yes is enough for a preview, as its name is", async () => {
  expect(await answer(preview, { yes: true })).toBe(true);
  expect(await answer(preview, { confirm: "fb-42-dev" })).toBe(true);
});

test("without a terminal nothing is taken for a yes", async () => {
  expect(await answer(preview, {})).toBe(
    "There is no terminal to ask at: --yes destroys it without asking. Nothing was changed.\nNext: npm run destroy -- dev --yes",
  );
});

test("a yes is not enough for what has no previews: it has to be named", async () => {
  expect(await answer(production, { yes: true })).toContain(
    "--yes is not enough for production: --confirm fb-production destroys it without asking.",
  );
  expect(await answer(production, { confirm: "fb-production" })).toBe(true);
});

test("another deployment's name destroys nothing, with a yes or without", async () => {
  for (const given of [{ confirm: "fb-dev" }, { confirm: "fb-dev", yes: true }, { confirm: "" }]) {
    expect(await answer(preview, given)).toContain("and this is fb-42-dev. Nothing was changed.");
  }
});
