import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { bootstrapState } from "../support/bootstrap-state";
import { cdktf, terraform } from "../support/cdktf";
import { Failure, Interrupted } from "../support/failure";
import { checkPrerequisites } from "../support/prerequisites";
import { localFolder } from "../support/project";
import { installLocalAws } from "../support/python";
import { isLocked, stateVersion } from "../support/remote-state";
import { readStack } from "../support/stack-folder";
import { type Step, runSteps } from "../support/steps";
import { planOutcome } from "../support/terraform-output";
import { ENVIRONMENT, type Options, STACK, type Session, session } from "./session";
import { summary } from "./summary";

/** What was deployed and then planned empty: the sha256 of the stack, and the version of the state that came of it. */
const PROVEN = localFolder("proven.json");

/** `npm run local`: from nothing to a deployed dev-stack with an empty second plan; what is done already is not done again. */
export async function up(options: Options): Promise<void> {
  const here = session("up", options);
  try {
    await runSteps([...prepare(here), ...deploy(here)]);
  } catch (error) {
    if (!(error instanceof Interrupted)) throw error;
    throw new Interrupted(await interruptedState(here), { log: here.log, next: "npm run local (goes on from here)" });
  }
  console.log(await summary(here));
}

/** The steps up to a synthesized app and a running local AWS with its state bucket. */
export function prepare({ aws, target, clients, env, log, context }: Session): Step[] {
  let python = "python3";
  return [
    {
      title: "Prerequisites",
      run: async () => {
        ({ python } = await checkPrerequisites());
        return undefined;
      },
    },
    { title: "Local AWS installed", run: () => installLocalAws(python) },
    {
      title: `Local AWS on 127.0.0.1:${String(target.port)}`,
      run: async () => ((await aws.start(target)) === "running" ? "already running" : undefined),
    },
    {
      title: "Synthesis",
      run: async () => {
        await cdktf(["synth"], context, { env, log });
        return undefined;
      },
    },
    {
      title: "State bucket and lock table",
      run: (tell) => bootstrapState({ environment: ENVIRONMENT, clients, env, log, tell, again: context.again }),
    },
  ];
}

function deploy(here: Session): Step[] {
  const { env, log, context } = here;
  let proven = false;
  return [
    {
      title: STACK,
      run: async (tell) => {
        proven = (await proof(here)) === remembered();
        if (proven) return "up, and unchanged since its last empty plan";
        forgetProof();
        await cdktf(["deploy", STACK, "--auto-approve", "--skip-synth"], context, { env, log, tell });
        return "deployed";
      },
    },
    {
      title: "Second plan",
      run: async (tell) => {
        if (proven) return "was empty";
        const { lines } = await cdktf(["plan", STACK, "--skip-synth"], context, { env, log, tell });
        const { empty, summary } = planOutcome(lines);
        if (!empty)
          throw new Failure(`The plan right after the deploy is not empty. ${summary}`, {
            log,
            next: `npx cdktf plan ${STACK}`,
          });
        writeFileSync(PROVEN, await proof(here));
        return "empty";
      },
    },
  ];
}

/** Differs as soon as the stack or its state do, by whomever. */
async function proof({ clients }: Session): Promise<string> {
  const stack = readStack(STACK);
  return JSON.stringify({
    deployment: stack.deployment,
    digest: stack.digest,
    state: await stateVersion(clients, stack),
  });
}

function remembered(): string | undefined {
  return existsSync(PROVEN) ? readFileSync(PROVEN, "utf8") : undefined;
}

export function forgetProof(): void {
  rmSync(PROVEN, { force: true });
}

/** How things stand after a ctrl-C. */
export async function interruptedState({ aws, clients, env, log, context }: Session): Promise<string> {
  const running = await aws.running();
  if (!running) return "Interrupted before the local AWS ran. Nothing was deployed.";
  const where = `Interrupted. The local AWS keeps running on port ${String(running.port)} (npm run local -- stop stops it).`;
  try {
    const stack = readStack(STACK);
    if (await isLocked(clients, stack))
      return `${where} The state of ${stack.deployment} is still locked: the next run says how to unlock it.`;
    if ((await stateVersion(clients, stack)) === undefined)
      return `${where} Nothing of ${stack.deployment} was made yet.`;
    const { lines } = await terraform(stack.folder, ["state", "list"], context, { env, log, evenInterrupted: true });
    return `${where} The state of ${stack.deployment} is written and not locked; it has ${String(lines.length)} entries.`;
  } catch {
    return where; // Interrupted before there was anything to ask.
  }
}
