import { accounts } from "../../environments/accounts";
import type { Account } from "../../environments/environment";
import { LocalAws } from "../support/local-aws";
import { foreignVariables, localVariables } from "../support/local-environment";
import type { Variables } from "../support/project";
import { DEFAULT_PORT, ENVIRONMENT, type Options } from "./session";

/** `eval "$(npm run --silent local -- env)"`: only the shell's lines go to the standard output. */
export async function env({ port }: Options): Promise<void> {
  const aws = new LocalAws();
  const target = { port: port ?? aws.port ?? DEFAULT_PORT, account: accounts[ENVIRONMENT] as Account };
  const { SYSTEM } = process.env;
  const ours = { ...localVariables(target, process.env), ...(SYSTEM && { SYSTEM }) };
  console.log(shellLines(ours, process.env).join("\n"));
  if (!(await aws.running())) console.error("The local AWS does not run. Next: npm run local");
}

/** `unset` of all that would lead elsewhere, then the exports. For bash, zsh and sh. */
export function shellLines(ours: Readonly<Record<string, string>>, env: Variables): string[] {
  const foreign = foreignVariables(env, ours);
  return [
    ...(foreign.length > 0 ? [`unset ${foreign.join(" ")}`] : []),
    ...Object.entries(ours).map(([name, value]) => `export ${name}='${value.replaceAll("'", "'\\''")}'`),
  ];
}
