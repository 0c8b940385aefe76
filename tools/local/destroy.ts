import { demolish, nothingLeft } from "../destroy/demolition";
import { readStack } from "../support/stack-folder";
import { runSteps } from "../support/steps";
import { Interrupted } from "../support/failure";
import { type Options, STACK, session } from "./session";
import { forgetProof, interruptedState, prepare } from "./up";

/** `npm run local -- destroy`: takes dev-stack down and asks AWS whether anything of it is left. The local AWS keeps running. */
export async function destroy(options: Options): Promise<void> {
  const here = session("destroy", options);
  const { clients, env, log, context } = here;
  try {
    await runSteps(prepare(here));
  } catch (error) {
    if (!(error instanceof Interrupted)) throw error;
    throw new Interrupted(await interruptedState(here), { log, next: context.again });
  }
  forgetProof();
  const target = readStack(STACK);
  const kept = await demolish({ target, clients, env, log, ...context });
  console.log(
    [
      "",
      ...nothingLeft(target.deployment, kept),
      "The state bucket, the lock table and the local AWS stay.",
      "  npm run local             deploys again",
      "  npm run local -- stop     stops the local AWS",
    ].join("\n"),
  );
}
