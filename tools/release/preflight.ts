import { bootstrapState } from "../support/bootstrap-state";
import { cdktf } from "../support/cdktf";
import { announce, announceChosen } from "../support/deployment-line";
import { Failure } from "../support/failure";
import { checkTerraform } from "../support/prerequisites";
import { checkQuotas } from "../support/quotas";
import { livingHolder, refused } from "../support/release-lock";
import { checkAccount } from "../support/remote-state";
import { heldBy, stateLock } from "../support/state-lock";
import type { Step } from "../support/steps";
import { asRequest } from "./image-origins";
import type { Images } from "./release";
import type { Session } from "./session";

/** Everything that can be known before anything is changed; then the state's place, which the locks are in. */
export function preflight(session: Session, images: Images): Step[] {
  const { environment, clients, env, log, account, again, context } = session;
  announceChosen(environment);
  return [
    {
      title: "Prerequisites",
      run: async () => {
        await checkTerraform();
        return undefined;
      },
    },
    {
      title: `Account ${account.id}, ${account.region}`,
      run: async () => {
        await checkAccount(clients, environment, account.id, again);
        return "the credentials are of it";
      },
    },
    {
      title: "Synthesis",
      run: async () => {
        await cdktf(["synth"], context, { env, log });
        const stack = session.begin();
        announce(stack, env);
        return stack.deployment;
      },
    },
    {
      title: "Images can be had",
      run: async () => {
        const { repositories } = session.released;
        if (repositories.length === 0) return "none are needed";
        await images(session).check(repositories.map(asRequest));
        return repositories.map(({ image }) => image).join(", ");
      },
    },
    {
      title: "Quotas",
      run: async () => (await checkQuotas(session.stack, clients)) ?? "nothing is lacking",
    },
    { title: "Locks", run: () => checkLocks(session) },
    {
      title: "State bucket and lock table",
      run: (tell) => bootstrapState({ environment, clients, env, log, tell, again }),
    },
  ];
}

/** @throws Failure that names who holds Terraform's lock, or releases */
async function checkLocks({ environment, stack, clients, again }: Session): Promise<string> {
  const [lock, holder] = await Promise.all([stateLock(clients, stack), livingHolder(stack, clients)]);
  if (holder !== undefined) throw refused(stack, holder, again);
  if (lock === undefined) return "free";
  throw new Failure(
    `The state of ${stack.deployment} is locked ${heldBy(lock)}. Nothing was changed. Wait until that run has ended; the doctor says whether it was killed. Then go on with ${again}.`,
    { next: `npm run doctor -- ${environment}` },
  );
}
