import { existsSync, realpathSync } from "node:fs";
import { basename, dirname, join, relative, sep } from "node:path";
import { buildSync, type BuildOptions } from "esbuild";
import { zipSync } from "fflate";
import { cached } from "./bundle-cache";

/** A handler's source as Lambda takes it. */
export interface Bundle {
  /** The zip, in the cache below node_modules: `<sha256>/<folder of the source>.zip`. */
  readonly path: string;
  /** SHA-256 of the zip, in hexadecimal. */
  readonly digest: string;
  /** The same in base64, as Lambda and `source_code_hash` have it. */
  readonly sha256: string;
  /** "index.handler": the export `handler` of the source. */
  readonly handler: string;
}

/**
 * The AWS SDK is bundled although Lambda's runtime has one: that one changes under a running function, and is not the
 * one that was tested. It costs 245 kB of zip (395 instead of 150), and 0.2 s here. Of packages that have both, the
 * ES modules are taken, which esbuild can shake: 100 kB less.
 *
 * Nothing of this machine gets into the bundle: paths are relative to the project, and neither tsconfig.json,
 * NODE_PATH nor the target of a linked node_modules is looked at.
 */
const OPTIONS = {
  bundle: true,
  platform: "node",
  target: "node22",
  format: "cjs",
  mainFields: ["module", "main"],
  external: ["pg-native"], // Optional in pg, not installed.
  minify: true,
  treeShaking: true,
  legalComments: "none",
  sourcemap: "linked",
  sourcesContent: false, // Stack traces need the names and lines only.
  loader: { ".sql": "text" }, // Migrations.
  tsconfigRaw: "{}",
  nodePaths: [],
  preserveSymlinks: true,
  write: false,
  logLevel: "silent",
} as const satisfies BuildOptions;

/**
 * Bundles a handler's source with all that it imports, minified, with its source map, into a zip. The same source and
 * the same package-lock.json make the same bytes: on every machine, in every folder, time zone and year.
 *
 * @param entry the path of the source; its project is the nearest folder above it with a package.json
 * @throws esbuild's error, when the source does not compile or imports what is not there
 */
export function bundle(entry: string): Bundle {
  const source = realpathSync(entry);
  const root = projectOf(source);
  const name = basename(dirname(source));
  const { path, digest } = cached(root, `${name}.zip`, posix(relative(root, source)), build);
  return { path, digest, sha256: Buffer.from(digest, "hex").toString("base64"), handler: "index.handler" };
}

/** The zip, and the files that it is made of, relative to the root. */
function build(root: string, source: string): { zip: Uint8Array; inputs: string[] } {
  const { outputFiles, metafile } = buildSync({
    ...OPTIONS,
    absWorkingDir: root,
    entryPoints: [source],
    outfile: "index.js",
    metafile: true,
  });
  const files = outputFiles.map(({ path, contents }) => [basename(path), contents] as const);
  return { zip: zip(Object.fromEntries(files)), inputs: Object.keys(metafile.inputs) };
}

/** A zip that says nothing of who made it, and when: sorted names, one time, one mode. */
export function zip(files: Readonly<Record<string, Uint8Array>>): Uint8Array {
  const sorted = Object.entries(files).sort(([a], [b]) => (a < b ? -1 : 1));
  return zipSync(Object.fromEntries(sorted), {
    level: 9,
    os: 3, // Unix: the mode below is read as one.
    attrs: 0o100644 << 16, // Lambda runs as another user, who must be able to read.
    mtime: new Date(1980, 0, 1), // Local: a zip has no time zone, and this is its earliest time in any.
  });
}

function projectOf(source: string): string {
  let folder = dirname(source);
  while (!existsSync(join(folder, "package.json"))) {
    if (folder === dirname(folder)) throw new Error(`${source} is in no project: there is no package.json above it.`);
    folder = dirname(folder);
  }
  return folder;
}

function posix(path: string): string {
  return path.split(sep).join("/");
}
