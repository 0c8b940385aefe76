import { accounts } from "../../environments/accounts";
import { Failure } from "./failure";
import type { Variables } from "./project";

/** The environments that there are accounts for, for a command's help. */
export const ENVIRONMENTS = `${Object.keys(accounts).join(", ")} (default: STAGE)`;

/**
 * The environment that a command was asked for: its argument, or else STAGE.
 * @param again the command, without its arguments
 * @param known what it may be asked for @default the environments that there are accounts for
 * @throws Failure that lists what it may be asked for, and where the argument and STAGE contradict each other
 */
export function environmentAsked(
  environment: string | undefined,
  again: string,
  known: readonly string[] = Object.keys(accounts),
  { STAGE: stage }: Variables = process.env,
): string {
  const asked = environment ?? (stage || undefined);
  if (asked === undefined || !known.includes(asked)) {
    const got = environment === undefined ? (stage ? `STAGE=${stage}` : "none") : `"${environment}"`;
    throw new Failure(`Which environment? Expected one of ${known.join(", ")}, got ${got}.`, {
      next: `${again} ${known[0] ?? ""}`.trim(),
    });
  }
  checkStage(
    asked,
    `${again} ${asked}`,
    stage,
    known.includes(String(stage)) ? `${again} ${String(stage)}` : undefined,
  );
  return asked;
}

/**
 * That STAGE, where it is set, names the environment that a command works on (or whose state stack: "dev-state").
 * @param instead the command that works on what STAGE says @default there is none
 * @throws Failure that says how to go on
 */
export function checkStage(environment: string, again: string, stage = process.env["STAGE"], instead?: string): void {
  if (!stage || environment === stage || environment.startsWith(`${stage}-`)) return;
  throw new Failure(`STAGE is ${stage}, and this command works on ${environment}. Nothing was changed.`, {
    next: [`STAGE=${environment.replace(/-.*/, "")} ${again}`, ...(instead === undefined ? [] : [instead])].join(
      ", or ",
    ),
  });
}
