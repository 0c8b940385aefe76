/**
 * Three projects: `unit` (everything that needs no server but PostgreSQL), `integration` (functions as they ship, against real
 * servers and the local AWS) and `e2e` (the real Terraform against the local AWS).
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
  projects: [
    {
      ...common,
      displayName: "unit",
      testMatch: ["**/__tests__/**/*.test.ts", "**/functions/**/*.test.ts"],
      testPathIgnorePatterns: [...common.testPathIgnorePatterns, "/__tests__/(e2e|integration)/"],
      setupFilesAfterEnv: ["<rootDir>/__tests__/support/setup.ts"],
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
