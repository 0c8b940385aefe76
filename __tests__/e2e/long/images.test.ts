import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { CreateRepositoryCommand, ECRClient } from "@aws-sdk/client-ecr";
import { type ContainerEngine, findEngine } from "../../../tools/support/container-engine";
import { findImage, registryLogin, repositoryUrl } from "../../../tools/support/ecr-images";
import { type ImagePlan, type PreparedImage, buildAndPush, planImages } from "../../../tools/support/image-preparation";
import { imageSource } from "../../../tools/support/image-source";
import { localFolder } from "../../../tools/support/project";
import { RegistryRepository, copyImage } from "../../../tools/support/registry";
import { installPodman, podmanCanBeInstalled } from "../support/podman";
import { Sandbox } from "../support/sandbox";
import { steps, until } from "../support/steps";

const API = "fb-dev-api-images";
const WORKER = "fb-dev-worker-images";
const RELEASED = "fb-production-api-images";
const log = localFolder("logs", "e2e-images.log");
/** An engine of the machine's own is tried where none can be installed. */
const engineOfOurs = podmanCanBeInstalled();
const possible = engineOfOurs || ["docker", "podman"].some((name) => spawnSync(name, ["info"]).status === 0);
const step = steps(possible ? test : test.skip);

let sandbox: Sandbox;
let env: Record<string, string> = {};
let end = (): void => undefined;
let engine: ContainerEngine;
let folder: string;
let images: readonly PreparedImage[];
/** Left on this machine by runs that were killed. */
let loginsBefore: readonly string[];

beforeAll(async () => {
  if (!possible) return;
  folder = mkdtempSync(join(tmpdir(), "images-"));
  loginsBefore = loginFolders();
  env = Object.fromEntries(
    Object.entries(process.env).filter((entry): entry is [string, string] => entry[1] !== undefined),
  );
  if (engineOfOurs) ({ env, end } = await installPodman(env));
  engine = await findEngine(env);
  if (engineOfOurs) await baseImage();
  sandbox = await Sandbox.start("images");
  for (const [environment, repositoryName] of [
    ["dev", API],
    ["dev", WORKER],
    ["production", RELEASED],
  ] as const) {
    const immutable = new CreateRepositoryCommand({ repositoryName, imageTagMutability: "IMMUTABLE" });
    await new ECRClient(sandbox.clients(environment)).send(immutable);
  }
});

afterAll(async () => {
  end();
  rmSync(folder, { recursive: true, force: true });
  await sandbox?.end();
});

/** What the stand-in's Dockerfile begins with, for a machine that reaches no registry: it has nothing in it, and nothing is run. */
async function baseImage(): Promise<void> {
  const [, name = ""] =
    /^FROM (\S+)$/m.exec(readFileSync(join(imageSource("flow-builder", "api"), "Dockerfile"), "utf8")) ?? [];
  const base = join(folder, "base");
  write(base, "FROM scratch\nCOPY Dockerfile /base\n");
  await engine.build(base, [name], { env, log });
}

function write(into: string, dockerfile: string): void {
  mkdirSync(into);
  writeFileSync(join(into, "Dockerfile"), dockerfile);
}

const plans = (source = imageSource("flow-builder", "api")): Promise<ImagePlan[]> => {
  const both = [
    { image: "api", repository: API, source },
    { image: "worker", repository: WORKER, source },
  ];
  return planImages(both, sandbox.clients());
};

function loginFolders(): string[] {
  return readdirSync(tmpdir()).filter((name) => name.startsWith("groundplan-login-"));
}

async function repository(name: string, environment: string): Promise<RegistryRepository> {
  const clients = sandbox.clients(environment);
  return new RegistryRepository(String(await repositoryUrl(name, clients)), await registryLogin(clients));
}

step(
  "the stand-in is built once and pushed to two repositories, which have it by the digest that was told",
  async () => {
    const begun = Date.now();
    images = await buildAndPush(await plans(), engine, sandbox.clients(), { env, log });

    expect(images.map(({ image, built }) => [image, built])).toEqual([
      ["api", true],
      ["worker", true],
    ]);
    for (const { repository: name, digest, tag = "", reference } of images) {
      expect(reference).toMatch(new RegExp(`^127\\.0\\.0\\.1:\\d+/${name}@${digest}$`));
      const found = await findImage(name, { digest }, sandbox.clients());
      expect(found).toMatchObject({ digest, tags: [tag] });
      expect(Number(found?.pushedAt)).toBeGreaterThanOrEqual(begun - 1_000); // ECR tells seconds.
    }
  },
);

step("it is for ARM, not root's, and starts the server", async () => {
  const api = await repository(API, "dev");
  const manifest = await api.manifest(String(images[0]?.digest));
  const { config } = JSON.parse(manifest.bytes.toString()) as { config: { digest: string } };
  const { username, password } = await registryLogin(sandbox.clients());
  const authorization = `Basic ${Buffer.from(`${username}:${password}`).toString("base64")}`;
  const [host = "", name = ""] = api.url.split("/");
  const answer = await fetch(`http://${host}/v2/${name}/blobs/${config.digest}`, { headers: { authorization } });
  expect(await answer.json()).toMatchObject({
    architecture: "arm64",
    os: "linux",
    config: { User: "1000:1000", Entrypoint: ["node", "/app/server.mjs"] },
  });
});

step("what has been pushed is not built again", async () => {
  const again = await plans();
  expect(again.map(({ present }) => present?.digest)).toEqual(images.map(({ digest }) => digest));
  const untouched = await buildAndPush(again, engine, sandbox.clients(), { env, log });
  expect(untouched).toEqual(images.map((image) => ({ ...image, built: false })));
});

step("a tag does not move to another image, and the error says so", async () => {
  const other = join(folder, "other");
  write(other, "FROM scratch\nCOPY Dockerfile /other\n");
  const [plan] = await plans(other);
  const taken = { ...plan, tag: String(images[0]?.tag) } as ImagePlan;
  await expect(buildAndPush([taken], engine, sandbox.clients(), { env, log })).rejects.toThrow(
    /could not be pushed\.\nThe repository has the tag already, and a tag never moves/,
  );
  expect((await findImage(API, { tag: taken.tag }, sandbox.clients()))?.digest).toBe(images[0]?.digest);
});

step("a repository that is not there, and a Dockerfile with a mistake, are told in sentences", async () => {
  const name = `${String(await repositoryUrl(API, sandbox.clients())).replace(API, "fb-dev-nothing")}:v1`;
  const source = imageSource("flow-builder", "api");
  await engine.build(source, [name], { env, log });
  const push = { name, login: await registryLogin(sandbox.clients()) };
  await expect(engine.push(push, { env, log })).rejects.toThrow(/There is no such repository yet/);

  const broken = join(folder, "broken");
  write(broken, "FROM scratch\nCOPY nowhere /nowhere\n");
  await expect(engine.build(broken, ["broken:v1"], { env, log })).rejects.toThrow(
    /^The image of broken .+ could not be built\.\nIt ended with:\n[^]*nowhere/,
  );
});

step("a login of another account cannot push", async () => {
  const name = `${String(await repositoryUrl(API, sandbox.clients()))}:v2`;
  await engine.build(imageSource("flow-builder", "api"), [name], { env, log });
  for (const login of [await registryLogin(sandbox.clients("production")), { username: "AWS", password: "made-up" }]) {
    await expect(engine.push({ name, login }, { env, log })).rejects.toThrow("could not be pushed");
  }
  expect(await findImage(API, { tag: "v2" }, sandbox.clients())).toBeUndefined();
});

step("no login is left on the disk", async () => {
  const left = () => loginFolders().filter((name) => !loginsBefore.includes(name));
  // Those of other tests, which push at the same time, are there for a moment.
  await until("no login is left", 60, () => Promise.resolve(left().length === 0 || undefined));
  if (!engineOfOurs) return;
  const kept = spawnSync("grep", ["-rlE", '"auths"', localFolder("podman", "home"), localFolder("podman", "run")]);
  expect(kept.stdout.toString()).toBe("");
});

step("what was pushed is copied to another account's repository with its digest, once", async () => {
  const { digest = "", tag = "" } = images[0] ?? {};
  const [from, to] = [await repository(API, "dev"), await repository(RELEASED, "production")];
  const first = await copyImage(from, to, { digest, tags: [tag] });
  expect(first.blobs).toBeGreaterThan(1);
  expect(await findImage(RELEASED, { tag }, sandbox.clients("production"))).toMatchObject({ digest, tags: [tag] });
  expect(await copyImage(from, to, { digest, tags: [tag] })).toEqual({ blobs: 0, bytes: 0 });
});
