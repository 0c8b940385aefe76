<<<<<<< HEAD
=======
import { lockFindings, parseLock } from "../doctor/lock";
import { runners } from "../doctor/runners";
import { lockItem, storedObject } from "../doctor/state-object";
>>>>>>> 7882744 (wip)
import { bootstrapState } from "../support/bootstrap-state";
import { cdktf } from "../support/cdktf";
import { announce, announceChosen } from "../support/deployment-line";
import { Failure } from "../support/failure";
import { checkPrerequisites } from "../support/prerequisites";
import { checkQuotas } from "../support/quotas";
<<<<<<< HEAD
import { isDead, refused, releaseHolder } from "../support/release-lock";
import { checkAccount, stateVersion } from "../support/remote-state";
import { heldBy, stateLock } from "../support/state-lock";
import type { Step } from "../support/steps";
import { asRequest } from "./image-origins";
import type { Images } from "./release";
import type { Session } from "./session";

/** Everything that can be known before anything is changed; then the state's place, which the locks are in. */
export function preflight(session: Session, images: Images): Step[] {
=======
import { described, isDead, releaseHolder } from "../support/release-lock";
import { checkAccount, stateVersion } from "../support/remote-state";
import type { Step } from "../support/steps";
import type { ImageSupply } from "./image-supply";
import type { Session } from "./session";

/** Everything that can be known before anything is changed; then the state's place, which the locks are in. */
export function preflight(session: Session, images: ImageSupply): Step[] {
>>>>>>> 7882744 (wip)
  const { environment, clients, env, log, account, again, context } = session;
  announceChosen(environment);
  return [
    {
      title: "Prerequisites",
      run: async () => {
        await checkPrerequisites();
        return undefined;
      },
    },
    {
      title: `Account ${account.id}, ${account.region}`,
      run: async () => {
        await checkAccount(clients, environment, account.id);
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
<<<<<<< HEAD
    {
      title: "Images can be had",
      run: async () => {
        const { repositories } = session.released;
        if (repositories.length === 0) return "none are needed";
        await images(session).check(repositories.map(asRequest));
        return repositories.map(({ image }) => image).join(", ");
      },
    },
=======
    ...engineStep(session, images),
>>>>>>> 7882744 (wip)
    {
      title: "Quotas",
      run: async () => {
        if ((await stateVersion(clients, session.stack)) !== undefined) return "it is deployed already";
        return (await checkQuotas(session.stack, clients)) ?? "nothing is lacking";
      },
    },
    { title: "Locks", run: () => checkLocks(session) },
    {
      title: "State bucket and lock table",
      run: (tell) => bootstrapState({ environment, clients, env, log, tell, again }),
    },
  ];
}

<<<<<<< HEAD
/** @throws Failure that names who holds Terraform's lock, or releases */
async function checkLocks({ environment, stack, clients, again }: Session): Promise<string> {
  const [lock, holder] = await Promise.all([stateLock(clients, stack), releaseHolder(stack, clients)]);
  if (holder !== undefined && !isDead(holder)) throw refused(stack, holder, again);
  if (lock === undefined) return "free";
  throw new Failure(
    `The state of ${stack.deployment} is locked ${heldBy(lock)}. Nothing was changed. Wait until that run has ended; the doctor says whether it was killed.`,
    { next: `npm run doctor -- ${environment}` },
  );
=======
/** Looked for before anything is changed, and only where something is to be built: what a repository has is not. */
function engineStep(session: Session, { ready }: ImageSupply): Step[] {
  if (ready === undefined) return [];
  const run = async (): Promise<string | undefined> =>
    session.released.repositories.length === 0 ? "there are no images" : ready(session);
  return [{ title: "Container engine", run }];
}

/** @throws Failure that names who holds Terraform's lock, or releases */
async function checkLocks({ name, environment, stack, clients, again }: Session): Promise<string> {
  const [object, item, holder] = await Promise.all([
    storedObject(clients, { bucket: stack.bucket, key: `${stack.key}.tflock` }),
    lockItem(clients, stack, `${stack.bucket}/${stack.key}`),
    releaseHolder(stack, clients),
  ]);
  const [lockObject, lockRow] = [parseLock(object?.text), parseLock(item?.info)];
  if (holder !== undefined && !isDead(holder)) {
    throw new Failure(
      `Only one at a time changes a deployment, and ${described(stack, holder)}. Nothing was changed.`,
      {
        next: again,
      },
    );
  }
  if (lockObject === undefined && lockRow === undefined) return "free";
  const locks = { ...(lockObject && { object: lockObject }), ...(lockRow && { item: lockRow }) };
  const [found] = lockFindings(name, stack, locks, await runners(stack.folder));
  throw new Failure(`The state of ${stack.deployment} is locked: ${String(found?.text)} Nothing was changed.`, {
    next: `npm run doctor -- ${environment}`,
  });
>>>>>>> 7882744 (wip)
}
