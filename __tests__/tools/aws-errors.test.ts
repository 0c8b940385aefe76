import { awsProblem } from "../../tools/support/aws-errors";

const error = (fields: object): Error => Object.assign(new Error("what it said"), fields);

test.each([
  [{ code: "ECONNREFUSED" }],
  [{ code: "ENOTFOUND" }],
  [{ name: "TimeoutError" }],
  [{ cause: { code: "ECONNRESET" } }],
])("a network that is gone (%j) is told as that", (fields) => {
  expect(awsProblem(error(fields))).toBe("AWS could not be reached (what it said).");
});

test("what AWS refuses is told with its own name for it", () => {
  expect(awsProblem(error({ name: "AccessDeniedException", $metadata: { httpStatusCode: 400 } }))).toBe(
    "AWS refused: AccessDeniedException: what it said",
  );
});

test("credentials that ended in the middle are told as that", () => {
  expect(awsProblem(error({ name: "ExpiredTokenException", $metadata: {} }))).toContain("missing or have expired");
});

test("a mistake of ours is none of AWS's, and keeps its stack trace", () => {
  expect(awsProblem(new TypeError("x is undefined"))).toBeUndefined();
  expect(awsProblem(error({ code: "ENOENT" }))).toBeUndefined();
  expect(awsProblem("a string")).toBeUndefined();
});
