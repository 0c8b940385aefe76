import eslint from "@eslint/js";
import tseslint from "typescript-eslint";

const barrel = {
  regex: "^@cdktf/provider-aws(/lib(/index)?)?$",
  message: "Import @cdktf/provider-aws/lib/<resource>: the barrel takes 4 s to load.",
};
const processEnv = {
  selector: "MemberExpression[object.name='process'][property.name='env']",
  message: "Only main.ts and tools/ read process.env: what is synthesized must not depend on who synthesizes it.",
};
const from = (folders, message) => ({
  group: folders.flatMap((folder) => [`**/${folder}/**`, `**/${folder}`]),
  message,
});
const imports = (...patterns) => ({
  "@typescript-eslint/no-restricted-imports": ["error", { patterns: [barrel, ...patterns] }],
});
const noEnvironments = {
  ...from(["environments"], "A stack gets its environment as a parameter; only stacks/index.ts joins the two."),
  allowTypeImports: true,
};
const noAccounts = from(
  ["global"],
  "What belongs to an account is no system's; only stacks/add-environment.ts joins the two.",
);
const noCommands = from(
  ["tools", "functions"],
  "A stack is made of modules/, and knows a function by the path of its source.",
);

/** The import boundaries of the layout: stacks/ → modules/, environments/ → types only, modules/ → modules/ only. */
export default tseslint.config(
  { ignores: ["node_modules/", "cdktf.out/", ".local/", "coverage/"] },
  eslint.configs.recommended,
  ...tseslint.configs.strict,
  {
    files: ["**/*.ts"],
    rules: {
      "no-restricted-syntax": ["error", processEnv],
      ...imports(),
      "@typescript-eslint/consistent-type-imports": ["error", { fixStyle: "inline-type-imports" }],
      "@typescript-eslint/no-extraneous-class": "off",
      "no-new": "off",
      "@typescript-eslint/no-unused-vars": ["error", { varsIgnorePattern: "^_", argsIgnorePattern: "^_" }],
      eqeqeq: "error",
    },
  },
  {
    files: ["main.ts", "tools/**/*.ts", "__tests__/**/*.ts", "functions/**/*.ts"],
    rules: { "no-restricted-syntax": "off" },
  },
  {
    files: ["modules/**/*.ts"],
    rules: imports(
      from(
        ["stacks", "environments", "tools", "global", "functions", "deployment"],
        "A module knows AWS and nothing of the business.",
      ),
    ),
  },
  { files: ["stacks/*.ts"], rules: imports(noCommands, noAccounts, noEnvironments) },
  { files: ["stacks/index.ts"], rules: imports(noCommands, noAccounts) },
  { files: ["stacks/add-environment.ts"], rules: imports(noCommands, noEnvironments) },
  {
    files: ["environments/**/*.ts"],
    rules: {
      "no-restricted-syntax": [
        "error",
        processEnv,
        {
          selector: "ImportDeclaration[importKind!='type'][source.value!=/^\\.\\u002F(dev|staging|production)$/]",
          message: "environments/ only `import type`.",
        },
        { selector: "SpreadElement", message: "An environment is a complete literal: no spreads." },
        { selector: "ConditionalExpression", message: "An environment is a complete literal: no conditions." },
      ],
    },
  },
  {
    files: ["**/*.js", "**/*.mjs"],
    languageOptions: { globals: { module: "readonly", require: "readonly", process: "readonly", console: "readonly" } },
    rules: { "@typescript-eslint/no-require-imports": "off" },
  },
);
