import fc from "fast-check";
import { digest, pathOf, physicalName } from "../../modules/naming";
import { at } from "../support/construct-at";

test("a name is the deployment and the path, without the primary resource's id", () => {
  expect(physicalName(at(["flows", "dead-letters", "this"], "fb-dev"), { max: 80 })).toBe("fb-dev-flows-dead-letters");
  expect(pathOf(at(["flows", "this"]))).toEqual(["flows"]);
});

test("without a deployment, as in a module's own test, the stack's id stands in", () => {
  expect(physicalName(at(["flows"]), { max: 80 })).toBe("dev-stack-flows");
});

test("a suffix ends the name", () => {
  expect(physicalName(at(["api"], "fb-dev"), { max: 32, suffix: "0a1b2c3d" })).toBe("fb-dev-api-0a1b2c3d");
});

test("names never exceed what AWS takes, never end in a hyphen, and different paths never share one", () => {
  const id = fc.stringMatching(/^[a-z][a-z0-9-]{0,30}[a-z0-9]$/);
  const path = fc.array(id, { minLength: 1, maxLength: 4 });
  fc.assert(
    fc.property(path, path, fc.integer({ min: 24, max: 80 }), (one, other, max) => {
      const [a, b] = [one, other].map((ids) => physicalName(at(ids, "fb-123456789-dev"), { max }));
      expect(a?.length).toBeLessThanOrEqual(max);
      expect(a).toMatch(/^fb-[a-z0-9-]*[a-z0-9]$/);
      if (one.join("-") !== other.join("-")) expect(a).not.toBe(b);
    }),
  );
});

test("a digest is the same for the same values, and another for others", () => {
  expect(digest("redis7", { a: 1 })).toBe(digest("redis7", { a: 1 }));
  expect(digest("redis7", { a: 1 })).not.toBe(digest("redis7", { a: 2 }));
  expect(digest("redis7")).toMatch(/^[0-9a-f]{8}$/);
});
