import { createHash, randomUUID } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";

/** Where npm's tools keep what can be made again; `npm ci` empties it. */
const FOLDER = "node_modules/.cache/groundplan";

interface Manifest {
  /** The files that went into the zip, relative to the project. */
  readonly inputs: readonly string[];
  readonly fingerprint: string;
  /** SHA-256 of the zip. */
  readonly digest: string;
}

export interface Built {
  readonly zip: Uint8Array;
  readonly inputs: readonly string[];
}

/**
 * What `build` makes of a source, in a file; built again only when something that it is made of has changed. A synth
 * needs each bundle once per environment, the tests hundreds of times: a hit takes 10 ms, a build 250 ms.
 */
export function cached(
  root: string,
  name: string,
  source: string,
  build: (root: string, source: string) => Built,
): { path: string; digest: string } {
  const folder = join(root, FOLDER);
  const manifestFile = join(folder, `${digestOf(source)}.json`);
  const zipFile = (digest: string) => join(folder, digest, name);

  const known = read(manifestFile);
  if (known?.fingerprint === fingerprint(root, known?.inputs ?? [])) {
    const path = zipFile(known.digest);
    if (existsSync(path) && digestOf(readFileSync(path)) === known.digest) return { path, digest: known.digest };
  }

  const started = fileTime(folder);
  const { zip, inputs } = build(root, source);
  const digest = digestOf(zip);
  write(zipFile(digest), zip);
  // A file that was saved meanwhile may or may not be in the zip as it is now: then nothing is remembered.
  if (inputs.every((input) => statSync(join(root, input)).mtimeMs <= started)) {
    const manifest: Manifest = { inputs, fingerprint: fingerprint(root, inputs), digest };
    write(manifestFile, JSON.stringify(manifest));
  }
  return { path: zipFile(digest), digest };
}

/**
 * Of all that a bundle depends on: its inputs, the names beside them (a new file can be what an import means from now
 * on), what npm installed, and how we bundle.
 */
function fingerprint(root: string, inputs: readonly string[]): string {
  const own = inputs.filter((input) => !input.includes("node_modules/"));
  const folders = [...new Set(own.map((input) => dirname(input)))];
  return digestOf(
    JSON.stringify([
      [...inputs, "package.json", "node_modules/.package-lock.json"].map((file) => [
        file,
        digestOfFile(join(root, file)),
      ]),
      folders.map((folder) => [folder, namesIn(join(root, folder))]),
      [__filename, join(__dirname, "bundle.ts")].map(digestOfFile),
    ]),
  );
}

/** Now, as the file system has it: its clock runs some milliseconds behind the process's. */
function fileTime(folder: string): number {
  const probe = join(folder, `now.${randomUUID()}`);
  mkdirSync(folder, { recursive: true });
  writeFileSync(probe, "");
  const { mtimeMs } = statSync(probe);
  rmSync(probe);
  return mtimeMs;
}

/** Milliseconds after which a file that is saved again has another time, on any file system. */
const SETTLED = 5_000;
const digests = new Map<string, { readonly version: string; readonly digest: string }>();

/** Of a file that has not been saved since it was read last, from then: a process looks at the same ones again and again. */
function digestOfFile(path: string): string | undefined {
  const stat = statSync(path, { throwIfNoEntry: false });
  if (!stat) return undefined;
  const version = [stat.ino, stat.size, stat.mtimeMs, stat.ctimeMs].join();
  const known = digests.get(path);
  if (known?.version === version) return known.digest;
  const digest = digestOf(readFileSync(path));
  if (Date.now() - stat.ctimeMs > SETTLED) digests.set(path, { version, digest });
  return digest;
}

function namesIn(folder: string): string[] {
  return existsSync(folder) ? readdirSync(folder).sort() : [];
}

function digestOf(content: string | Uint8Array): string {
  return createHash("sha256").update(content).digest("hex");
}

function read(manifestFile: string): Manifest | undefined {
  if (!existsSync(manifestFile)) return undefined;
  return JSON.parse(readFileSync(manifestFile, "utf8")) as Manifest;
}

/** In one step, since other processes read and write the same files. */
function write(path: string, content: string | Uint8Array): void {
  const unfinished = `${path}.${randomUUID()}`;
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(unfinished, content);
  renameSync(unfinished, path);
}
