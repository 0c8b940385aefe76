import { cdktf } from "../support/cdktf";
import { Failure, Interrupted } from "../support/failure";
import { leftovers } from "../support/leftovers";
import { stateVersion } from "../support/remote-state";
import { readStack } from "../support/stack-folder";
import { runSteps } from "../support/steps";
import { deleteTaskDefinitions } from "../support/task-definitions";
import { type Options, STACK, session } from "./session";
import { forgetProof, interruptedState, prepare } from "./up";

/** `npm run local -- destroy`: takes dev-stack down and asks AWS whether anything of it is left. The local AWS keeps running. */
export async function destroy(options: Options): Promise<void> {
  const here = session("destroy", options);
  const { clients, env, log, context } = here;
  let left: string[] = [];
  try {
    await runSteps([
      ...prepare(here),
      {
        title: `Destroy ${STACK}`,
        run: async (tell) => {
          forgetProof();
          if ((await stateVersion(clients, readStack(STACK))) === undefined) return "it was never deployed";
          await cdktf(["destroy", STACK, "--auto-approve", "--skip-synth"], context, { env, log, tell });
          return undefined;
        },
      },
      {
        title: "Task definitions, which Terraform keeps",
        run: async () => String(await deleteTaskDefinitions(readStack(STACK).deployment, clients)),
      },
      {
        title: "What is left",
        run: async () => {
          left = await leftovers(readStack(STACK).deployment, clients);
          return left.length === 0 ? "nothing" : String(left.length);
        },
      },
    ]);
  } catch (error) {
    if (!(error instanceof Interrupted)) throw error;
    throw new Interrupted(await interruptedState(here), { log, next: context.again });
  }
  const { deployment } = readStack(STACK);
  if (left.length > 0) {
    throw new Failure([`Of ${deployment} this is left:`, ...left.map((name) => `- ${name}`)].join("\n"), {
      log,
      next: context.again,
    });
  }
  console.log(
    [
      "",
      `Nothing of ${deployment} is left: nothing with its tag, no log groups, network interfaces or snapshots.`,
      "The state bucket, the lock table and the local AWS stay.",
      "  npm run local             deploys again",
      "  npm run local -- stop     stops the local AWS",
    ].join("\n"),
  );
}
