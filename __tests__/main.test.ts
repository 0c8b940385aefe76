import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import cdktf from "../cdktf.json";
import { repositoryTag } from "../deployment";
import { type Account } from "../environments/environment";
import { sharedDomains } from "../stacks/environment-shape";

/** Without the stacks, which other tests are about and which take seconds to load. */
jest.mock("../stacks", () => ({ systems: { "flow-builder": { shortName: "fb", environments: {} } } }));
jest.mock("../stacks/add-environment", () => ({ addEnvironment: () => [] }));

const CONTEXT = { system: "flow-builder", repository: "groundplan" };
let outdir: string;

beforeEach(() => {
  outdir = mkdtempSync(join(tmpdir(), "main-"));
});

afterEach(() => {
  rmSync(outdir, { recursive: true });
  jest.dontMock("../environments/accounts");
});

/** Runs the app as `cdktf synth` does. Returns what it says, which is nothing when all is well. */
function said(context: object, variables: Readonly<Record<string, string>> = {}): string {
  const before = { ...process.env };
  const said = jest.spyOn(console, "error").mockImplementation();
  Object.assign(process.env, { CDKTF_CONTEXT_JSON: JSON.stringify(context), CDKTF_OUTDIR: outdir, ...variables });
  try {
    jest.isolateModules(() => void jest.requireActual("../main"));
    const text = said.mock.calls.flat().join("\n");
    expect(process.exitCode).toBe(text === "" ? undefined : 1);
    return text;
  } finally {
    said.mockRestore();
    process.env = before;
    process.exitCode = undefined;
  }
}

test("the committed context passes", () => {
  expect(said(cdktf.context)).toBe("");
});

test("a SYSTEM that there is not is told, also where every object has its name", () => {
  expect(said(CONTEXT, { SYSTEM: "constructor" })).toMatch(
    /^SYSTEM: expected one of flow-builder, got "constructor"\. /,
  );
});

test("without the CLI around it the app reads the context itself", () => {
  expect(said({})).toBe("");
});

test("a repository that is no value of a tag ends the synth", () => {
  expect(said({ ...CONTEXT, repository: "" })).toMatch(/^context\.repository: .*, got ""\. Set it in cdktf\.json/);
});

test.each([undefined, null, "", 5, "x".repeat(257), "${path.cwd}", "a\nb"])(
  "a repository that is no value of a tag is told with its fix: %j",
  (repository) => {
    const told = /^context\.repository: expected 1 to 256 letters, .*, got .*\. Set it in cdktf\.json/;
    expect(() => repositoryTag(repository)).toThrow(
      expect.objectContaining({ message: expect.stringMatching(told) as string }),
    );
  },
);

test("a repository may be a URL", () => {
  expect(repositoryTag("https://example.com/team/ground-plan.git")).toBe("https://example.com/team/ground-plan.git");
});

test("two environments below one domain are told: both would make the same record", () => {
  const account = (domain: string): Account => ({
    id: "111111111111",
    region: "eu-west-1",
    https: { domain, hostedZoneId: "Z0123456789" },
  });
  const none = { id: "222222222222", region: "eu-west-1" };
  const among = (dev: string) => ({ dev: account(dev), staging: none, test: none, production: account("example.com") });
  expect(sharedDomains(among("dev.example.com"))).toEqual([]);
  jest.doMock("../environments/accounts", () => ({ accounts: among("example.com") }));
  expect(said(CONTEXT)).toMatch(
    /^environments\/accounts\.ts: https\.domain: expected a domain of its own for each environment, got "example\.com for dev, production"\. /,
  );
});
