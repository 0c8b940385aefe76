import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Failure, told } from "../../tools/support/failure";
import { imageSource, sourceTag } from "../../tools/support/image-source";

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "image-source-"));
  mkdirSync(join(folder, "app"));
  write("app/Dockerfile", "FROM scratch");
});

afterEach(() => {
  rmSync(folder, { recursive: true });
});

function write(file: string, text: string): void {
  writeFileSync(join(folder, file), text);
}

function git(...args: string[]): string {
  const identity = ["-c", "user.name=test", "-c", "user.email=test@example.com", "-c", "commit.gpgsign=false"];
  const env = { ...process.env, GIT_CONFIG_GLOBAL: "/dev/null", GIT_CONFIG_NOSYSTEM: "1" };
  return execFileSync("git", [...identity, ...args], { cwd: folder, env, encoding: "utf8" }).trim();
}

function committed(): string {
  git("init", "--quiet");
  git("add", ".");
  git("commit", "--quiet", "--message=app");
  return git("rev-parse", "HEAD").slice(0, 12);
}

const tag = (): Promise<string> => sourceTag(join(folder, "app"));

describe("a tag", () => {
  test("is the commit that last changed the folder, whatever else was committed since", async () => {
    const commit = committed();
    expect(await tag()).toBe(commit);
    write("other", "x");
    git("add", ".");
    git("commit", "--quiet", "--message=other");
    expect(await tag()).toBe(commit);
  });

  test("has the digest of what is not committed, and is the commit again when that is taken back", async () => {
    const commit = committed();
    const tags = new Set<string>();
    for (const change of ["FROM a", "FROM b"]) {
      write("app/Dockerfile", change);
      tags.add(await tag());
    }
    write("app/Dockerfile", "FROM scratch");
    write("app/new", "1");
    tags.add(await tag());
    write("app/new", "2");
    tags.add(await tag());
    expect(tags.size).toBe(4);
    for (const it of tags) expect(it).toMatch(new RegExp(`^${commit}-[0-9a-f]{12}$`));
    rmSync(join(folder, "app/new"));
    expect(await tag()).toBe(commit);
  });

  test("does not mind changes beside the folder, and what git ignores", async () => {
    write(".gitignore", "node_modules");
    const commit = committed();
    write("other", "x");
    write("app/node_modules", "x");
    expect(await tag()).toBe(commit);
  });

  test("is of the files alone where there is no commit", async () => {
    const before = await tag();
    expect(before).toMatch(/^files-[0-9a-f]{12}$/);
    git("init", "--quiet");
    expect(await tag()).toBe(before);
    mkdirSync(join(folder, "app/src"));
    write("app/src/main.js", "x");
    symlinkSync("nowhere", join(folder, "app/link"));
    expect(await tag()).not.toBe(before);
  });
});

describe("the folder of an image", () => {
  const source = (image: string, images: unknown): string => {
    write("cdktf.json", JSON.stringify({ context: { images } }));
    try {
      return imageSource("flow-builder", image, folder);
    } catch (error) {
      return told(error as Failure);
    }
  };

  test("is the one that cdktf.json names, from the project's own", () => {
    expect(source("api", { "flow-builder": { api: "app" } })).toBe(join(folder, "app"));
  });

  const where = 'cdktf.json, context.images["flow-builder"]["api"]: expected';
  test.each([
    [undefined, `${where} the folder that the image is built of, got none.\nNext: `],
    [{ "flow-builder": { worker: "app" } }, `${where} the folder that the image is built of, got none.`],
    [{ "flow-builder": { api: 5 } }, `${where} the folder that the image is built of, got none.`],
    [{ "flow-builder": { api: "nowhere" } }, `${where} a folder, got "nowhere", which is none (looked for `],
    [{ "flow-builder": { api: "app/Dockerfile" } }, `${where} a folder, got "app/Dockerfile", which is none`],
    [{ "flow-builder": { api: "." } }, `${where} a folder with a Dockerfile, got ".", which has none.`],
  ])("that %p does not name is an error", (images, message) => {
    expect(source("api", images)).toContain(message);
  });
});
