import type { ClientConfig } from "../support/aws-clients";
import { parseState } from "../support/recorded-state";
import { heldBy, stateLock } from "../support/state-lock";
import { storedObject } from "../support/state-object";
import type { Target } from "./target";

/** How things stand after a destroy that broke off, as a sentence. */
export async function standing(target: Target, clients: ClientConfig): Promise<string> {
  const { deployment } = target;
  try {
    const [object, lock] = await Promise.all([storedObject(clients, target), stateLock(clients, target)]);
    const state = object && parseState(object.text);
    if (!state) return `${deployment} has no state${object ? " that can be read" : " any more"}.`;
    const locked = lock ? `, and is locked ${heldBy(lock)}` : ", and is not locked";
    return `The state of ${deployment} has ${String(state.resources.length)} resources${locked}.`;
  } catch (error) {
    return `How ${deployment} stands could not be asked (${(error as Error).name}): its state is in s3://${target.bucket}/${target.key}.`;
  }
}
