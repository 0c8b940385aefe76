import type { ClientConfig } from "../support/aws-clients";
import { Failure } from "../support/failure";
import type { RecordedState } from "../support/recorded-state";
import { described, livingHolder } from "../support/release-lock";
import { bucketExists, checkAccount } from "../support/remote-state";
import { heldBy, stateLock } from "../support/state-lock";
import { checkUnprotected } from "./protection";
import { readState } from "./state-removal";
import { type Target, doctorOf } from "./target";

/**
 * That a deployment may be destroyed: the credentials are of its account, nobody else works on it, nothing protects it.
 * @returns its state; undefined when there is none
 * @throws Failure that says what stands against it, and what to do
 */
export async function preflight(
  target: Target,
  clients: ClientConfig,
  again: string,
): Promise<RecordedState | undefined> {
  const { environment, deployment, accountId, bucket } = target;
  await checkAccount(clients, environment, accountId, again);
  if (!(await bucketExists(clients, bucket))) return undefined;
  const [state, lock, holder] = await Promise.all([
    readState(target, clients),
    stateLock(clients, target),
    livingHolder(target, clients),
  ]);
  if (holder !== undefined) {
    const text = described(target, holder);
    throw new Failure(`Only one at a time changes a deployment, and ${text}. Nothing was changed.`, { next: again });
  }
  if (lock !== undefined) {
    throw new Failure(
      `The state of ${deployment} is locked ${heldBy(lock)}. Nothing was changed. Wait until that run has ended; if it was killed, the doctor says how to unlock it.`,
      { next: doctorOf(target) },
    );
  }
  // Without a state too: one that was lost is no reason to take down what its environment protects.
  checkUnprotected(target, state?.resources ?? [], again);
  return state;
}
