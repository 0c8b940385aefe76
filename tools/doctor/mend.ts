import { Failure } from "../support/failure";
import { root } from "../support/project";
import { agreed, canAsk } from "../support/question";
import { run } from "../support/run";
import { type Command, shellText } from "../support/shell";
import { type Step, runSteps } from "../support/steps";
import type { Finding } from "./finding";

export interface Consent {
  /** Every question but that for the lock is answered. */
  readonly yes: boolean;
  /** The lock may be taken away. */
  readonly unlock: boolean;
}

export interface Surgery {
  readonly consent: Consent;
  readonly env: Readonly<Record<string, string>>;
  readonly log: string;
  /** The command that goes on where this one broke off. */
  readonly again: string;
}

/**
 * Runs what mends the problems, one after the other, each after its question and shown before it runs.
 * @returns how many were mended
 * @throws Failure at the first that fails, and for a lock that nobody allowed to be taken away
 */
export async function mend(findings: readonly Finding[], surgery: Surgery): Promise<number> {
  const mendable = findings.filter(({ level, commands }) => level === "problem" && commands.length > 0);
  let mended = 0;
  for (const finding of mendable) {
    console.log(`\n${finding.text}`);
    for (const command of finding.commands) console.log(`    ${shellText(command)}`);
    if (!(await allowed(finding, surgery.consent))) {
      if (!finding.unlocks) continue;
      throw new Failure("The lock is held, so nothing else can be mended.", { next: `${surgery.again} --unlock` });
    }
    await runSteps(finding.commands.map((command) => step(command, surgery)));
    mended += 1;
  }
  return mended;
}

async function allowed({ unlocks = false }: Finding, { yes, unlock }: Consent): Promise<boolean> {
  if (unlocks ? unlock : yes) return true;
  return canAsk() && (await agreed(unlocks ? "Take the lock away?" : "Do it?"));
}

function step(command: Command, { env, log, again }: Surgery): Step {
  const [file, ...args] = command;
  return {
    title: shellText(command),
    run: async (tell) => {
      const { exitCode, lines } = await run(file, args, { cwd: root, env, log, onLine: tell });
      if (exitCode === 0) return undefined;
      const last = lines.filter((line) => /\w/.test(line)).slice(-6);
      const missing = exitCode === 127 ? `${file} is not installed.` : "";
      throw new Failure([`It ended with ${String(exitCode)}. ${missing}`, ...last].join("\n"), { log, next: again });
    },
  };
}
