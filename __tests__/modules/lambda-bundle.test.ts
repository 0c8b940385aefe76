import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { cpSync, readFileSync, rmSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { bundle, zip } from "../../modules/lambda/bundle";
import { HANDLER, checkout, filesOf, run, temporaries, temporary, write } from "../support/checkout";

const ROOT = join(__dirname, "../..");
const SCHEDULER = join(ROOT, "functions/flow-builder/scheduler/handler.ts");
const bundleOf = (root: string) => bundle(join(root, HANDLER));

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
  });

  test("whatever a tsconfig.json says", () => {
    const root = checkout();
    const { digest } = bundleOf(root);
    const tsconfig = JSON.stringify({
      compilerOptions: { target: "es5", alwaysStrict: true, jsx: "preserve", paths: { name: ["./x"] } },
    });
    write(root, { "functions/greet/tsconfig.json": tsconfig, "tsconfig.json": tsconfig });
    expect(bundleOf(root).digest).toBe(digest);
  });

  test("without a path of the machine in them", () => {
    for (const path of [bundle(SCHEDULER).path, bundleOf(checkout("a folder/with a space")).path]) {
      const text = Object.values(filesOf(path)).map((content) => Buffer.from(content).toString());
      for (const machine of [ROOT, ...temporaries]) expect(text.join("\n")).not.toContain(machine);
    }
  });

  test("in whatever order the files of a zip are given", () => {
    const [a, b] = [Buffer.from("a"), Buffer.from("b")];
    expect(zip({ a, b })).toEqual(zip({ b, a }));
  });
});
