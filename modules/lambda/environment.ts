import { Token } from "cdktf";
import { type Construct } from "constructs";
import { check } from "../checks";

/** Names that Lambda sets itself, by its documentation, and the one that `Function` sets. */
const RESERVED =
  /^(AWS_(DEFAULT_)?REGION|AWS_EXECUTION_ENV|AWS_LAMBDA_(?!EXEC_WRAPPER$)\w+|AWS_(SECRET_)?ACCESS_KEY(_ID)?|AWS_SESSION_TOKEN|LAMBDA_(TASK_ROOT|RUNTIME_DIR)|NODE_OPTIONS)$/;
const NAME = /^[a-zA-Z][a-zA-Z0-9_]+$/;
const SECRET_NAME = /(PASSWORD|PASSWD|SECRET|TOKEN|CREDENTIALS?|(API|PRIVATE|ACCESS|SIGNING|ENCRYPTION)_?KEY)S?$/i;
const LOGIN_IN_URL = /^[a-z][a-z0-9+.-]*:\/\/[^/\s]*:[^/\s]+@/i;

/**
 * `check` the environment of a function: names that Lambda takes, and no secret, since everybody who may see the
 * function or the state can read it. A secret's name ends in what it is a reference by: `DATABASE_SECRET_ARN`.
 */
export function checkVariables(scope: Construct, what: string, variables: Readonly<Record<string, string>>): void {
  for (const [name, value] of Object.entries(variables)) {
    check(scope, NAME.test(name) && !RESERVED.test(name), {
      what,
      got: name,
      expected: "names of letters, digits and _ that neither Lambda nor Function sets itself",
      fix: "Rename the variable.",
    });
    check(scope, typeof value === "string", {
      what: `${what}: ${name}`,
      got: value,
      expected: "a text",
      fix: "Write it as one.",
    });
    const plain = typeof value === "string" && !Token.isUnresolved(value) && LOGIN_IN_URL.test(value);
    check(scope, !SECRET_NAME.test(name) && !plain, {
      what: `${what}: ${name}`,
      got: "what looks like a secret",
      expected: "no secret: the environment can be read in the console and in the state",
      fix: "Give the secret's ARN (a name that ends in _ARN), grantRead, and read it when the function starts.",
    });
  }
}
