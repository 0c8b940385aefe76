import { accounts } from "../../environments/accounts";
import { Failure } from "./failure";

/** The environments that there are accounts for, for a command's help. */
export const ENVIRONMENTS = Object.keys(accounts).join(", ");

/**
 * The environment that a command was asked for.
 * @param again the command, without its arguments
 * @param known what it may be asked for @default the environments that there are accounts for
 * @throws Failure that lists what it may be asked for
 */
export function environmentAsked(
  environment: string | undefined,
  again: string,
  known: readonly string[] = Object.keys(accounts),
): string {
  if (environment !== undefined && known.includes(environment)) return environment;
  const got = environment === undefined ? "none" : `"${environment}"`;
  throw new Failure(`Which environment? Expected one of ${known.join(", ")}, got ${got}.`, {
    next: `${again} ${known[0] ?? ""}`.trim(),
  });
}
