import { RegistryRepository, copyImage, size } from "../../tools/support/registry";
import { LOGIN, TestRegistry, sha256 } from "../support/registry";

const INDEX = "application/vnd.oci.image.index.v1+json";
const PAUSES = [1, 1];
let here: TestRegistry;
let there: TestRegistry;

beforeEach(async () => {
  [here, there] = await Promise.all([TestRegistry.start(), TestRegistry.start()]);
});

afterEach(async () => {
  await Promise.all([here.stop(), there.stop()]);
});

const source = (): RegistryRepository => new RegistryRepository(`${here.host}/staging`, LOGIN, PAUSES);
const target = (): RegistryRepository => new RegistryRepository(`${there.host}/production`, LOGIN, PAUSES);

test("an image is copied with its digest, its layers once each, and its tag", async () => {
  const digest = here.addImage("staging", ["one", "two", "one"]);

  const copied = await copyImage(source(), target(), { digest, tags: ["v0.5.1"] });

  expect(copied).toEqual({ blobs: 3, bytes: "one".length + "two".length + '{"layers":3}'.length });
  expect(there.manifests.get("production/v0.5.1")?.bytes).toEqual(here.manifests.get(`staging/${digest}`)?.bytes);
  expect(there.manifests.has(`production/${digest}`)).toBe(true);
  expect(there.blobs.get(`production/${sha256("two")}`)?.toString()).toBe("two");
});

test("an index is copied with all of its images, and comes after them", async () => {
  const arm = here.addImage("staging", ["arm", "common"]);
  const intel = here.addImage("staging", ["intel", "common"]);
  const manifests = [arm, intel].map((digest) => ({ digest, size: 1 }));
  const digest = here.addManifest("staging", { schemaVersion: 2, manifests }, INDEX, "v1");

  const { blobs } = await copyImage(source(), target(), { digest, tags: ["v1"] });

  expect(blobs).toBe(4); // The common layer, and the two images' one config, are sent once.
  const puts = there.requests.filter((line) => line.startsWith("PUT /v2/production/manifests/"));
  expect(puts).toEqual([arm, intel, "v1"].map((reference) => `PUT /v2/production/manifests/${reference}`));
  expect(there.manifests.get("production/v1")?.mediaType).toBe(INDEX);
  expect(there.manifests.has(`production/${digest}`)).toBe(true);
});

test("the same copy again sends nothing", async () => {
  const digest = here.addImage("staging", ["one"]);
  await copyImage(source(), target(), { digest, tags: ["v1"] });
  there.requests.length = 0;

  expect(await copyImage(source(), target(), { digest, tags: ["v1"] })).toEqual({ blobs: 0, bytes: 0 });
  expect(there.requests.every((line) => line.startsWith("HEAD "))).toBe(true);
});

test("the login is not told to the host that a layer is fetched from", async () => {
  const digest = here.addImage("staging", ["one"]);
  await copyImage(source(), target(), { digest });
  expect(here.loginsElsewhere).toEqual([undefined, undefined]);
});

test.each([/PATCH/, /^HEAD .*blobs/, /^PUT .*manifests/])(
  "a connection that is lost at %p is taken up again",
  async (line) => {
    const digest = here.addImage("staging", ["one"]);
    there.dropped = { line, times: 1 };
    await copyImage(source(), target(), { digest });
    expect(there.manifests.has(`production/${digest}`)).toBe(true);
  },
);

test("a registry that stays away is a sentence, and the next copy goes on from there", async () => {
  const digest = here.addImage("staging", ["one"]);
  there.dropped = { line: /^PUT .*manifests/, times: 9 };
  await expect(copyImage(source(), target(), { digest })).rejects.toThrow(
    /The registry of 127.*production cannot be reached: .+\. What has been copied stays/,
  );
  there.dropped.times = 0;
  expect(await copyImage(source(), target(), { digest })).toEqual({ blobs: 0, bytes: 0 });
});

test("an image that is not there, and one that is not what its digest says, are refused", async () => {
  const digest = sha256("nothing");
  await expect(copyImage(source(), target(), { digest })).rejects.toThrow(`/staging has no image ${digest}.`);
  here.manifests.set(`staging/${digest}`, { mediaType: INDEX, bytes: Buffer.from("{}") });
  await expect(copyImage(source(), target(), { digest })).rejects.toThrow(`answers ${digest} with something else`);
  expect(there.manifests.size).toBe(0);
});

test("a manifest of an unknown kind is not copied half", async () => {
  const digest = here.addManifest("staging", {}, "application/vnd.docker.distribution.manifest.v1+json");
  await expect(copyImage(source(), target(), { digest })).rejects.toThrow(
    /has no image|is of a kind that is not copied/,
  );
  expect(there.requests).toEqual([]);
});

test("a login that is not enough is told with what the registry said", async () => {
  const digest = here.addImage("staging", ["one"]);
  const stranger = new RegistryRepository(`${here.host}/staging`, { username: "AWS", password: "another" });
  await expect(copyImage(stranger, target(), { digest })).rejects.toThrow(
    /answered 401: Not Authorized\. These credentials may not/,
  );
});

test("sizes are told in what people read", () => {
  expect([0, 1, 999_000, 1_000_000, 12_345_678].map(size)).toEqual(["0 kB", "1 kB", "999 kB", "1.0 MB", "12.3 MB"]);
});
