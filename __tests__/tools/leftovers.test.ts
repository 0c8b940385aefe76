import { belongsTo } from "../../tools/support/leftovers";

test.each([
  "fb-dev",
  "/aws/lambda/fb-dev-scheduler",
  "/fb-dev/api",
  "rds:fb-dev-database-2026-11-21",
  "ELB app/fb-dev-api/50dc",
])("%s is of fb-dev", (name) => {
  expect(belongsTo("fb-dev", name)).toBe(true);
});

test.each(["fb-1-dev-api", "/aws/lambda/xfb-dev-a", "fb-development", "wo-fb-dev", "", undefined])(
  "%s is of another one",
  (name) => {
    expect(belongsTo("fb-dev", name)).toBe(false);
  },
);
