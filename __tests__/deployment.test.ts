import fc from "fast-check";
import { UsageError, httpsOf, lockTable, previewPrefix, stateBucket, stateKey } from "../deployment";

const systems = { fb: "flow-builder", wo: "workflow-orchestrator" };
const prefix = (branch: string | undefined, override?: string, shortName = "fb"): string =>
  previewPrefix({ shortName, systems, branch, override });

describe("the prefix of environments that allow previews", () => {
  test.each([
    ["main", "fb"],
    ["develop", "fb"],
    ["feature/add-retries", "fb"],
    ["feature/fb-42-add-retries", "fb-42"],
    ["bug/fb-7", "fb-7"],
    ["hotfix/fb-1_urgent", "fb-1"],
    ["feature/fb-42x", "fb"],
    ["chore/fb-42-x", "fb"],
    ["feature/zz-42-unknown", "fb"],
    ["feature/FB-42", "fb"],
  ])("on the branch %s it is %s", (branch, expected) => {
    expect(prefix(branch)).toBe(expected);
  });

  test("PREFIX overrides the branch, and only in its two forms", () => {
    expect(prefix("feature/fb-42-x", "fb")).toBe("fb");
    expect(prefix(undefined, "fb-99")).toBe("fb-99");
    for (const wrong of ["wo-1", "fb-", "fb-x", "fb-1-", "FB-1", "fb--1", "fb-01", "dev"]) {
      expect(() => prefix("main", wrong)).toThrow(/expected fb or fb-<number>/);
    }
  });

  test("a branch of another system is an error that says which SYSTEM to set", () => {
    expect(() => prefix("feature/wo-42-add-retries")).toThrow(/SYSTEM=workflow-orchestrator/);
    expect(prefix("feature/wo-42-add-retries", undefined, "wo")).toBe("wo-42");
  });

  test("a detached HEAD is an error that names PREFIX, never the shared dev", () => {
    expect(() => prefix(undefined)).toThrow(UsageError);
    expect(() => prefix(undefined)).toThrow(/PREFIX=fb/);
  });

  test("whatever the branch is called, the prefix is a short name or a short name and a number, or a sentence", () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.string().map((tail) => `feature/fb-${tail}`),
        ),
        (branch) => {
          try {
            expect(prefix(branch)).toMatch(/^fb(-[1-9]\d{0,8})?$/);
          } catch (error) {
            expect(error).toBeInstanceOf(UsageError);
          }
        },
      ),
    );
  });
});

test("two different deployments have different state keys", () => {
  const name = fc.tuple(fc.constantFrom("fb", "wo"), fc.nat(), fc.constantFrom("dev", "staging"));
  fc.assert(
    fc.property(name, name, (a, b) => {
      fc.pre(a.join() !== b.join());
      const key = ([short, number, env]: typeof a): string =>
        stateKey({ system: short, name: `${short}-${String(number)}-${env}` });
      expect(key(a)).not.toBe(key(b));
    }),
  );
});

test("each deployment's API has a name of its own below the account's domain; without a domain none", () => {
  const account = { id: "111111111111", region: "eu-west-1" };
  const https = { domain: "dev.example.com", hostedZoneId: "Z0123456789" };
  const deployment = (name: string) => ({ system: "flow-builder", environment: "dev", name, account, repository: "r" });
  expect(
    ["fb-dev", "fb-42-dev"].map((name) => httpsOf({ ...deployment(name), account: { ...account, https } })),
  ).toEqual([
    { ...https, domain: "fb.dev.example.com" },
    { ...https, domain: "fb-42.dev.example.com" },
  ]);
  expect(httpsOf(deployment("fb-dev"))).toBeUndefined();
});

test("the state bucket's and lock table's names are names that AWS takes", () => {
  const account = { id: "111111111111", region: "eu-west-1" };
  expect(stateBucket("production", account)).toMatch(/^[a-z0-9][a-z0-9-]{1,61}[a-z0-9]$/);
  expect(lockTable("production")).toMatch(/^[\w.-]{3,255}$/);
});
