/**
 * Five projects: `unit` (modules, stacks, tools and the rules for all of them: no server), `simulation` (what the synthesized
 * scaling and shifts do under load), `functions` (each against real
 * PostgreSQL and HTTP servers), `integration` (functions together, as they ship, also against the local AWS) and `e2e` (the
 * real Terraform against the local AWS).
 */
const common = {
  transform: {
    "^.+\\.ts$": ["@swc/jest", { jsc: { target: "es2022", parser: { syntax: "typescript" } } }],
    "\\.sql$": "<rootDir>/__tests__/support/sql-transform.js",
  },
  testPathIgnorePatterns: ["/node_modules/", "/cdktf.out/", "/.local/"],
  modulePathIgnorePatterns: ["<rootDir>/cdktf.out", "<rootDir>/.local"],
};

module.exports = {
  // All processors: the default leaves one to others, and of two only one would work.
  maxWorkers: "100%",
  // Ends what hangs, and nothing else: a loaded machine takes many times as long. How fast all of it is, docs/performance.md says.
  testTimeout: 600_000,
  projects: [
    {
      ...common,
      displayName: "unit",
      testMatch: ["**/__tests__/**/*.test.ts"],
      testPathIgnorePatterns: [...common.testPathIgnorePatterns, "/__tests__/(e2e|integration|simulation)/"],
      setupFilesAfterEnv: ["<rootDir>/__tests__/support/setup.ts"],
      moduleNameMapper: { "^archiver$|/locales/index\\.cjs$": "<rootDir>/__tests__/support/not-loaded.js" },
    },
    {
      ...common,
      displayName: "simulation",
      testMatch: ["**/__tests__/simulation/**/*.test.ts"],
      setupFilesAfterEnv: ["<rootDir>/__tests__/support/setup.ts"],
    },
    {
      ...common,
      displayName: "functions",
      testMatch: ["<rootDir>/functions/**/*.test.ts"],
    },
    {
      ...common,
      displayName: "integration",
      testMatch: ["**/__tests__/integration/**/*.test.ts"],
      globalSetup: "<rootDir>/__tests__/e2e/support/global-setup.ts",
    },
    {
      ...common,
      displayName: "e2e",
      testMatch: ["**/__tests__/e2e/**/*.test.ts"],
      globalSetup: "<rootDir>/__tests__/e2e/support/global-setup.ts",
    },
  ],
};
