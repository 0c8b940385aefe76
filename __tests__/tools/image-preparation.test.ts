import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { ClientConfig } from "../../tools/support/aws-clients";
import { findEngine } from "../../tools/support/container-engine";
import {
  type ImageToBuild,
  buildAndPush,
  imagesByDigest,
  imagesByTag,
  planImages,
} from "../../tools/support/image-preparation";
import { EcrAccount } from "../support/ecr";
import { TestEngines } from "../support/engines";

const [OLD, NEW] = ["1", "2"].map((digit) => `sha256:${digit.repeat(64)}`) as [string, string];
const HOST = "111111111111.dkr.ecr.eu-west-1.amazonaws.com";

let ecr: EcrAccount;
let clients: ClientConfig;
let source: string;

beforeEach(async () => {
  ecr = await EcrAccount.start();
  ({ clients } = ecr);
  source = mkdtempSync(join(tmpdir(), "image-preparation-"));
  writeFileSync(join(source, "Dockerfile"), "FROM scratch");
});

afterEach(async () => {
  rmSync(source, { recursive: true });
  await ecr.stop();
});

const wanted = (name: string): ImageToBuild => ({ image: name, repository: `fb-dev-${name}-images`, source });

describe("by tag", () => {
  test("an image is told with the reference that a pointer takes", async () => {
    ecr.add("fb-dev-api-images", { digest: OLD, tags: ["v1"] });
    expect(await imagesByTag([wanted("api")], "v1", clients)).toEqual([
      {
        image: "api",
        repository: "fb-dev-api-images",
        reference: `${HOST}/fb-dev-api-images@${OLD}`,
        digest: OLD,
        tag: "v1",
        built: false,
      },
    ]);
  });

  test("one that is not there lists the newest ten, the newest first, with their age", async () => {
    for (const version of Array(12).keys()) {
      ecr.add("fb-dev-api-images", { digest: OLD, tags: [`v${String(version + 1)}`], minutesAgo: (11 - version) * 60 });
    }
    const attempt = imagesByTag([wanted("api")], "v0", clients);
    await expect(attempt).rejects.toThrow(
      /^fb-dev-api-images has no image v0\. Its newest:\n {2}v12, .+\n {2}v11, .+\(60 minutes ago\)\n/,
    );
    await expect(attempt).rejects.not.toThrow(/v2,/);
  });

  test("an empty repository, and none at all, are told apart", async () => {
    ecr.add("fb-dev-api-images");
    await expect(imagesByTag([wanted("api")], "v1", clients)).rejects.toThrow("Nothing has been pushed to it.");
    await expect(imagesByTag([wanted("worker")], "v1", clients)).rejects.toThrow("no such repository yet");
  });

  test.each(["", "a b", "-x", ".x", "ä", "x".repeat(129), "a/b", "v1@sha256"])("%p can be no tag", async (tag) => {
    await expect(imagesByTag([wanted("api")], tag, clients)).rejects.toThrow(`"${tag}" can be no image's tag`);
  });
});

test("by digest, each image is its own, and one that is not there is an error", async () => {
  ecr.add("fb-dev-api-images", { digest: OLD, tags: ["v1"] });
  ecr.add("fb-dev-worker-images", { digest: NEW, tags: [] });
  const digests = new Map([
    ["api", OLD],
    ["worker", NEW],
  ]);
  const found = await imagesByDigest([wanted("api"), wanted("worker")], digests, clients);
  expect(found.map(({ digest, tag }) => [digest, tag])).toEqual([
    [OLD, "v1"],
    [NEW, undefined],
  ]);
  await expect(imagesByDigest([wanted("api")], new Map([["api", NEW]]), clients)).rejects.toThrow(
    `has no image ${NEW}`,
  );
  await expect(imagesByDigest([wanted("api")], new Map(), clients)).rejects.toThrow("has no image for api");
});

describe("a release", () => {
  let engines: TestEngines;
  const tool = (): { env: Record<string, string>; log: string } => ({ env: engines.env, log: engines.log });

  beforeEach(() => {
    engines = new TestEngines({
      docker: { version: "Docker version 29", push: [0, `x: digest: ${NEW} size: 1`] },
    });
  });

  afterEach(() => {
    engines.end();
  });

  test("plans before there is any repository", async () => {
    const [plan] = await planImages([wanted("api")], clients);
    expect(plan?.tag).toMatch(/^files-/);
    expect(plan?.present).toBeUndefined();
  });

  test("builds a folder once, and pushes it to each repository that lacks it", async () => {
    const names = ["api", "worker", "mailer"];
    for (const name of names) ecr.add(`fb-dev-${name}-images`);
    const [{ tag } = { tag: "" }] = await planImages([wanted("api")], clients);
    ecr.add("fb-dev-mailer-images", { digest: OLD, tags: [tag] });
    const plans = await planImages(names.map(wanted), clients);
    for (const name of ["api", "worker"]) ecr.add(`fb-dev-${name}-images`, { digest: NEW, tags: [tag] });

    const images = await buildAndPush(plans, await findEngine(engines.env), clients, tool());

    const urls = ["api", "worker"].map((name) => `${HOST}/fb-dev-${name}-images:${tag}`);
    expect(engines.calls.map(({ args }) => args)).toEqual([
      ["build", "--platform", "linux/arm64", "--tag", urls[0], "--tag", urls[1], source],
      ["push", urls[0]],
      ["push", urls[1]],
    ]);
    expect(images.map(({ image, digest, built }) => [image, digest, built])).toEqual([
      ["api", NEW, true],
      ["worker", NEW, true],
      ["mailer", OLD, false],
    ]);
  });

  test("builds nothing when all is there", async () => {
    ecr.add("fb-dev-api-images");
    const [{ tag } = { tag: "" }] = await planImages([wanted("api")], clients);
    ecr.add("fb-dev-api-images", { digest: OLD, tags: [tag] });
    const plans = await planImages([wanted("api")], clients);
    const images = await buildAndPush(plans, await findEngine(engines.env), clients, tool());
    expect(images).toEqual([expect.objectContaining({ digest: OLD, tag, built: false })]);
    expect(engines.calls).toEqual([]);
  });

  test.each([
    ["none", []],
    ["another image", [OLD]],
  ])("does not go on when what was pushed is not in ECR, but %s", async (_, there) => {
    ecr.add("fb-dev-api-images");
    const plans = await planImages([wanted("api")], clients);
    const tags = plans.map(({ tag }) => tag);
    for (const digest of there) ecr.add("fb-dev-api-images", { digest, tags });
    const attempt = buildAndPush(plans, await findEngine(engines.env), clients, tool());
    await expect(attempt).rejects.toThrow(/was pushed as sha256:2+, but ECR has .+ Nothing runs it/);
  });
});
