import { readFileSync } from "node:fs";
import { join } from "node:path";
import { terraform } from "../support/cdktf";
import { endpoint } from "../support/local-environment";
import { shellText, terraformOn } from "../support/shell";
import { readStack } from "../support/stack-folder";
import { STACK, type Session } from "./session";

interface Output {
  readonly value: unknown;
  readonly sensitive: boolean;
}

/** What is up, its outputs, what to try next and how to stop. */
export async function summary({ target, env, log, context }: Session): Promise<string> {
  const stack = readStack(STACK);
  const { lines } = await terraform(stack.folder, ["output", "-json"], context, { env, log });
  const outputs = JSON.parse(lines.join("\n")) as Record<string, Output>;
  return [
    "",
    `${stack.deployment} is up on the local AWS, ${endpoint(target)}.`,
    "",
    ...described(outputs, descriptions(stack.folder)),
    "",
    "Try next:",
    '  eval "$(npm run --silent local -- env)"      this shell talks to the local AWS, for:',
    `  npx cdktf plan ${STACK}`,
    `  npx cdktf deploy ${STACK}`,
    `  ${shellText(terraformOn(STACK, "state", "list"))}`,
    `  aws resourcegroupstaggingapi get-resources --tag-filters Key=deployment,Values=${stack.deployment}`,
    "",
    "  npm run local -- destroy                     takes dev down and shows that nothing of it is left",
    "  npm run local -- stop                        stops the local AWS; what is in it is kept for the next start",
  ].join("\n");
}

function described(outputs: Readonly<Record<string, Output>>, about: Readonly<Record<string, string>>): string[] {
  const names = Object.keys(outputs).sort();
  const width = Math.max(0, ...names.map((name) => name.length));
  return names.map((name) => {
    const output = outputs[name];
    const value = output?.sensitive
      ? "(sensitive)"
      : typeof output?.value === "string"
        ? output.value
        : JSON.stringify(output?.value);
    const description = about[name];
    return `  ${name.padEnd(width)}  ${value}${description ? `  (${description})` : ""}`;
  });
}

function descriptions(folder: string): Readonly<Record<string, string>> {
  const { output = {} } = JSON.parse(readFileSync(join(folder, "cdk.tf.json"), "utf8")) as {
    output?: Record<string, { description?: string }>;
  };
  return Object.fromEntries(Object.entries(output).map(([name, { description = "" }]) => [name, description]));
}
