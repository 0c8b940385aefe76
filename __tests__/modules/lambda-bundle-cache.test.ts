import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { buildSync } from "esbuild";
import { bundle } from "../../modules/lambda/bundle";
import { HANDLER, checkout, run, write } from "../support/checkout";

jest.mock("esbuild", () => {
  const esbuild = jest.requireActual<{ buildSync: typeof buildSync }>("esbuild");
  return { ...esbuild, buildSync: jest.fn(esbuild.buildSync) };
});

beforeEach(() => jest.mocked(buildSync).mockClear());

const bundleOf = (root: string) => bundle(join(root, HANDLER));

describe("the cache", () => {
  test("saves the second build", () => {
    const root = checkout();
    expect(bundleOf(root)).toEqual(bundleOf(root));
    expect(buildSync).toHaveBeenCalledTimes(1);
  });

  test.each<[string, Record<string, string>]>([
    ["the source", { [HANDLER]: `export const handler = () => "changed";` }],
    ["what it imports", { "functions/greet/greeting.ts": `export const greeting = "changed";` }],
    ["a dependency", { "node_modules/name/index.mjs": `export const name = "changed";` }],
    ["which file an import means", { "functions/greet/greeting.tsx": `export const greeting = "changed";` }],
    [
      "what is installed",
      {
        "node_modules/.package-lock.json": `{ "changed": true }`,
        "node_modules/name/package.json": `{ "name": "name", "module": "new.mjs" }`,
        "node_modules/name/new.mjs": `export const name = "changed";`,
      },
    ],
  ])("is not used when %s changes", (_, change) => {
    const root = checkout();
    const before = bundleOf(root);
    write(root, change);
    const after = bundleOf(root);
    expect(after.digest).not.toBe(before.digest);
    expect(run(after.path, "handler({})")).toContain("changed");
  });

  test("is not used when the zip was damaged or deleted", () => {
    const root = checkout();
    const { path, digest } = bundleOf(root);
    const intact = readFileSync(path);
    writeFileSync(path, "damaged");
    expect(bundleOf(root).digest).toBe(digest);
    expect(readFileSync(path)).toEqual(intact);
    rmSync(path);
    bundleOf(root);
    expect(readFileSync(path)).toEqual(intact);
  });

  test("forgets a build during which a source was saved", () => {
    const root = checkout();
    const { buildSync: build } = jest.requireActual<{ buildSync: typeof buildSync }>("esbuild");
    jest.mocked(buildSync).mockImplementationOnce((options) => {
      const result = build(options);
      writeFileSync(join(root, HANDLER), `export const handler = () => "saved meanwhile";`);
      return result;
    });
    bundleOf(root);
    expect(run(bundleOf(root).path, "handler()")).toBe("saved meanwhile");
  });
});
