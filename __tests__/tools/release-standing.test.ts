import { type Standing, earlier, isSettled, strayPointers } from "../../tools/release/standing";
import { type ReleasedService } from "../../tools/support/released-services";

const [OLD, NEW] = ["registry/images@sha256:old", "registry/images@sha256:new"];
const service = { path: "api" } as ReleasedService;

const standing = (runs: string | undefined, pointer?: string, labels: string[] = [], released?: string): Standing => ({
  service,
  ...{ desired: 1, rollingOut: false },
  ...(runs && { runs }),
  ...(pointer && {
    pointer: { value: pointer, labels, ...(released && { released: { value: released, since: new Date() } }) },
  }),
});

test("a failed release goes back to what runs, `none` before the first one", () => {
  expect(earlier(standing(OLD, OLD, ["released"], OLD), NEW)).toBe(OLD);
  expect(earlier(standing("none", "none"), NEW)).toBe("none");
  expect(earlier(standing(undefined), NEW)).toBe("none");
});

test("after a release that broke off in its rollout, it goes back to what was last seen to run, not to half of itself", () => {
  expect(earlier(standing(NEW, NEW, [], OLD), NEW)).toBe(OLD);
});

test("an image that is still rolled out, of a release that broke off, is no image to go back to while another was seen to run", () => {
  const underWay = { ...standing(NEW, NEW, [], OLD), rollingOut: true };
  expect(earlier(underWay, "newest")).toBe(OLD);
  expect(earlier({ ...underWay, rollingOut: false }, "newest")).toBe(NEW);
  expect(earlier({ ...standing(NEW, NEW), rollingOut: true }, "newest")).toBe(NEW);
});

test("an image that runs, and of which nothing earlier is known, stays", () => {
  expect(earlier(standing(NEW, NEW), NEW)).toBe(NEW);
});

test("a pointer that a broken-off release left at another image than runs is found, with what runs", () => {
  expect([...strayPointers([standing(OLD, NEW)])]).toEqual([["api", OLD]]);
  expect([...strayPointers([standing("none", NEW)])]).toEqual([["api", "none"]]);
  expect([...strayPointers([standing(OLD, OLD), standing(undefined), standing(OLD)])]).toEqual([]);
});

test("a service is settled only when it runs the image and a release saw it run", () => {
  expect(isSettled(standing(NEW, NEW, ["released"], NEW), NEW)).toBe(true);
  expect(isSettled(standing(NEW, NEW, ["migrated"]), NEW)).toBe(false);
  expect(isSettled(standing(OLD, NEW, ["released"], NEW), NEW)).toBe(false);
  expect(isSettled(standing(OLD, OLD, ["released"], OLD), NEW)).toBe(false);
});
