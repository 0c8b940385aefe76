import { createHash } from "node:crypto";
import { existsSync, lstatSync, readFileSync, readdirSync, readlinkSync, statSync } from "node:fs";
import { join, relative, resolve } from "node:path";
import execa from "execa";
import { Failure } from "./failure";
import { root } from "./project";

/** Hexadecimal digits of a commit, or of a digest, in a tag. */
const DIGITS = 12;
/** What engines take as a recipe; Docker knows the first only. */
const RECIPES = ["Dockerfile", "Containerfile"];

interface CdktfJson {
  readonly context?: { readonly images?: Readonly<Record<string, Readonly<Record<string, string>>>> };
}

/**
 * The folder that an image is built of, as `context.images` in cdktf.json says.
 * @param image after its repository's place in the stack: "api" of `api-images`, "app" of `images`
 * @throws Failure when it names none, or one that holds no Dockerfile
 */
export function imageSource(system: string, image: string, project = root): string {
  const { context } = JSON.parse(readFileSync(join(project, "cdktf.json"), "utf8")) as CdktfJson;
  const named = context?.images?.[system]?.[image];
  const where = `cdktf.json, context.images["${system}"]["${image}"]`;
  if (typeof named !== "string" || named === "") {
    throw new Failure(`${where}: expected the folder that the image is built of, got none.`, {
      next: `enter a folder with a Dockerfile, such as "images/starter"`,
    });
  }
  const folder = resolve(project, named);
  if (!existsSync(folder) || !statSync(folder).isDirectory()) {
    throw new Failure(`${where}: expected a folder, got "${named}", which is none (looked for ${folder}).`);
  }
  if (!RECIPES.some((recipe) => existsSync(join(folder, recipe)))) {
    throw new Failure(`${where}: expected a folder with a Dockerfile, got "${named}", which has none.`);
  }
  return folder;
}

/**
 * What an image of a folder is tagged with: the commit that last changed the folder, "4f2a9c11b0de"; with changes that are
 * not committed also their digest, "4f2a9c11b0de-09ab34cd56ef"; outside git "files-" and the digest of all files. The same
 * files give the same tag on every machine. What git ignores does not count.
 */
export async function sourceTag(folder: string): Promise<string> {
  const commit = await git(folder, "log", "-1", `--abbrev=${String(DIGITS)}`, "--format=%H", "--", ".");
  if (!commit) return `files-${digest(filesIn(folder).map((file) => [file, contents(join(folder, file))]))}`;
  const short = commit.trim().slice(0, DIGITS);
  const [changes = "", untracked = ""] = await Promise.all([
    git(folder, "diff", "HEAD", "--binary", "--no-color", "--no-ext-diff", "--no-textconv", "--relative", "--", "."),
    git(folder, "ls-files", "--others", "--exclude-standard", "-z", "--", "."),
  ]);
  if (changes === "" && untracked === "") return short;
  const added = untracked.split("\0").filter((file) => file !== "");
  return `${short}-${digest([["", changes], ...added.map((file) => [file, contents(join(folder, file))] as const)])}`;
}

/** What git says about a folder; undefined where it says nothing: no git, no repository, somebody else's. */
async function git(folder: string, ...args: readonly string[]): Promise<string | undefined> {
  const { exitCode, stdout } = await execa("git", ["--no-optional-locks", ...args], {
    cwd: folder,
    env: { LC_ALL: "C" },
    reject: false,
    stdin: "ignore",
    stripFinalNewline: false,
    maxBuffer: 1024 ** 3,
  });
  return exitCode === 0 ? stdout : undefined;
}

function digest(parts: readonly (readonly [name: string, contents: string | Buffer])[]): string {
  const hash = createHash("sha256");
  for (const [name, contents] of parts) hash.update(`${name}\0${String(contents.length)}\0`).update(contents);
  return hash.digest("hex").slice(0, DIGITS);
}

function contents(file: string): string | Buffer {
  return lstatSync(file).isSymbolicLink() ? readlinkSync(file) : readFileSync(file);
}

/** All files below a folder, as paths in it, in one order everywhere. */
function filesIn(folder: string, below = folder): string[] {
  return readdirSync(below, { withFileTypes: true })
    .filter(({ name }) => name !== ".git")
    .flatMap((entry) => {
      const path = join(below, entry.name);
      return entry.isDirectory() ? filesIn(folder, path) : [relative(folder, path)];
    })
    .sort();
}
