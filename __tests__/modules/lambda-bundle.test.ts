import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { LambdaFunction } from "@cdktf/provider-aws/lib/lambda-function";
import { AwsProvider } from "@cdktf/provider-aws/lib/provider";
import { App, TerraformStack } from "cdktf";
import { buildSync } from "esbuild";
import { unzipSync } from "fflate";
import { bundle, zip } from "../../modules/lambda/bundle";
import { FunctionCode } from "../../modules/lambda/function-code";

jest.mock("esbuild", () => {
  const esbuild = jest.requireActual<{ buildSync: typeof buildSync }>("esbuild");
  return { ...esbuild, buildSync: jest.fn(esbuild.buildSync) };
});

const ROOT = join(__dirname, "../..");
const SCHEDULER = join(ROOT, "functions/scheduler/handler.ts");
const folders: string[] = [];

afterAll(() => folders.forEach((folder) => rmSync(folder, { recursive: true })));
beforeEach(() => jest.mocked(buildSync).mockClear());

function temporary(): string {
  folders.push(mkdtempSync(join(tmpdir(), "bundle-")));
  return folders.at(-1) ?? "";
}

function write(root: string, files: Record<string, string>): void {
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, name)), { recursive: true });
    writeFileSync(join(root, name), text);
    // As old as a checkout: what is saved during a build is never remembered.
    utimesSync(join(root, name), 1, 1);
  }
}

const HANDLER = "functions/greet/handler.ts";
const PROJECT = {
  "package.json": "{}",
  "node_modules/.package-lock.json": "{}",
  "node_modules/name/package.json": `{ "name": "name", "main": "index.js", "module": "index.mjs" }`,
  "node_modules/name/index.js": `exports.name = "cjs"; exports.unused = "unused, cjs";`,
  "node_modules/name/index.mjs": `export const name = "world"; export const unused = "unused, esm";`,
  [HANDLER]: `import { name } from "name";
import { greeting } from "./greeting";
interface Event { readonly fail?: boolean }
export const handler = (event: Event): string => {
  if (event.fail) throw new Error("no greeting");
  return greeting + ", " + name;
};`,
  "functions/greet/greeting.ts": `export const greeting: string = "Hello";`,
};

/** A checkout of a small project, in a new folder. */
function checkout(name = "checkout"): string {
  const root = join(temporary(), name);
  write(root, PROJECT);
  return root;
}

const bundleOf = (root: string) => bundle(join(root, HANDLER));
const filesOf = (path: string) => unzipSync(readFileSync(path));

/** Runs an expression on the unzipped bundle, in a folder where nothing is installed. */
function run(path: string, expression: string, env: Record<string, string> = {}): string {
  const folder = temporary();
  for (const [name, content] of Object.entries(filesOf(path))) writeFileSync(join(folder, name), content);
  const script = `const { handler } = require("./index.js"); console.log(String(${expression}))`;
  return execFileSync(process.execPath, ["-e", script], { cwd: folder, env, encoding: "utf8" }).trim();
}

describe("a bundle", () => {
  test("runs where nothing is installed", () => {
    expect(run(bundleOf(checkout()).path, "handler({})")).toBe("Hello, world");
  });

  test("of the scheduler loads where nothing is installed, with the handler that its name says", () => {
    const { path, handler } = bundle(SCHEDULER);
    expect(handler).toBe("index.handler");
    expect(
      run(path, "typeof handler", {
        QUEUE_URL: "https://sqs.example.com/1/flows",
        AWS_REGION: "eu-central-1",
        AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: "true",
      }),
    ).toBe("function");
  });

  test("is named by the hash that Lambda compares", () => {
    const { path, digest, sha256 } = bundleOf(checkout());
    const hash = createHash("sha256").update(readFileSync(path)).digest();
    expect([digest, sha256]).toEqual([hash.toString("hex"), hash.toString("base64")]);
    expect(path.endsWith(join(digest, "greet.zip"))).toBe(true);
  });

  test("has a source map, by which a stack trace names the line of the source", () => {
    const trace = run(
      bundleOf(checkout()).path,
      "(() => { try { handler({ fail: true }) } catch (e) { return e.stack } })()",
      {
        NODE_OPTIONS: "--enable-source-maps",
      },
    );
    expect(trace).toMatch(/functions[/\\]greet[/\\]handler\.ts:5:/);
  });

  test("holds only what is used, minified", () => {
    const { "index.js": code = new Uint8Array() } = filesOf(bundleOf(checkout()).path);
    const text = Buffer.from(code).toString();
    expect(text).toContain("world");
    expect(text).not.toContain("unused");
    expect(text.trim().split("\n").length).toBeLessThanOrEqual(3);
  });
});

describe("the same source makes the same bytes", () => {
  test("in checkouts in different folders, one with a space, and one whose node_modules are a link", () => {
    const linked = checkout("linked");
    const away = temporary();
    cpSync(join(linked, "node_modules"), join(away, "deps"), { recursive: true });
    rmSync(join(linked, "node_modules"), { recursive: true });
    symlinkSync(join(away, "deps"), join(linked, "node_modules"));

    const bundles = [checkout("a"), checkout("a folder/with a space"), linked].map(bundleOf);
    expect(new Set(bundles.map(({ digest }) => digest)).size).toBe(1);
    expect(buildSync).toHaveBeenCalledTimes(3);
  });

  test("in another time zone", () => {
    const script = `console.log(require(${JSON.stringify(join(ROOT, "modules/lambda/bundle"))}).bundle(process.argv[1]).digest)`;
    const inZone = (TZ: string) =>
      execFileSync(
        process.execPath,
        ["-r", "ts-node/register/transpile-only", "-e", script, join(checkout(), HANDLER)],
        {
          cwd: ROOT,
          env: { ...process.env, TZ },
          encoding: "utf8",
        },
      ).trim();
    const here = bundleOf(checkout()).digest;
    expect([inZone("Pacific/Kiritimati"), inZone("America/Los_Angeles")]).toEqual([here, here]);
  }, 20_000);

  test("whatever a tsconfig.json says", () => {
    const root = checkout();
    const { digest } = bundleOf(root);
    const tsconfig = JSON.stringify({
      compilerOptions: { target: "es5", alwaysStrict: true, jsx: "preserve", paths: { name: ["./x"] } },
    });
    write(root, { "functions/greet/tsconfig.json": tsconfig, "tsconfig.json": tsconfig });
    expect(bundleOf(root).digest).toBe(digest);
    expect(buildSync).toHaveBeenCalledTimes(2);
  });

  test("without a path of the machine in them", () => {
    for (const path of [bundle(SCHEDULER).path, bundleOf(checkout("a folder/with a space")).path]) {
      const text = Object.values(filesOf(path)).map((content) => Buffer.from(content).toString());
      for (const machine of [ROOT, ...folders]) expect(text.join("\n")).not.toContain(machine);
    }
  });

  test("in whatever order the files of a zip are given", () => {
    const [a, b] = [Buffer.from("a"), Buffer.from("b")];
    expect(zip({ a, b })).toEqual(zip({ b, a }));
  });
});

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

describe("a function's code", () => {
  /** A stack with one function in a folder of its own: the JSON, and the zip that it names. */
  function synthesized(entry: string) {
    const outdir = join(temporary(), "cdktf.out");
    const app = new App({ outdir });
    const stack = new TerraformStack(app, "dev-stack");
    new AwsProvider(stack, "aws");
    const { path: filename, hash: sourceCodeHash, handler } = new FunctionCode(stack, "code", { entry });
    new LambdaFunction(stack, "function", { functionName: "greet", role: "role", filename, sourceCodeHash, handler });
    app.synth();
    const folder = join(outdir, "stacks/dev-stack");
    return {
      filename,
      json: readFileSync(join(folder, "cdk.tf.json"), "utf8"),
      zip: readFileSync(join(folder, filename)),
    };
  }

  test("is the same path, hash and bytes beside the JSON, wherever it is synthesized", () => {
    const one = synthesized(join(checkout("one"), HANDLER));
    const two = synthesized(join(checkout("two folders/on"), HANDLER));
    expect(two).toEqual(one);
    expect(one.filename).toMatch(/^assets\/[\w-]+\/[0-9a-f]{64}\/greet\.zip$/);
    expect(one.json).toContain(createHash("sha256").update(one.zip).digest("base64"));
    for (const folder of folders) expect(one.json).not.toContain(folder);
  });

  test.each<[string, unknown, RegExp]>([
    ["is not there", "functions/none/handler.ts", /no such file/],
    ["is no path", undefined, /entry: expected the path of a source that can be bundled, got undefined/],
    ["does not compile", { [HANDLER]: "export const = ;" }, /handler\.ts:1:13: ERROR: Expected identifier/],
    ["imports what is not installed", { [HANDLER]: `import "absent";` }, /Could not resolve "absent"/],
  ])("whose source %s is an error of the synth, not an exception", (_, source, expected) => {
    const root = checkout();
    if (typeof source === "object") write(root, source as Record<string, string>);
    const stack = new TerraformStack(new App(), "dev-stack");
    const entry = typeof source === "object" ? join(root, HANDLER) : (source as string);
    const code = new FunctionCode(stack, "code", { entry });
    expect(code.node.validate().join()).toMatch(expected);
  });
});
