import type { ClientConfig } from "./aws-clients";
import { type LiveFunction, live, liveFunctions, versions } from "./live-functions";
import { followShift, runningShift, startShift } from "./shifts";
import type { Step } from "./steps";

/** The functions of a synthesized stack whose traffic CodeDeploy shifts. */
export function shiftedFunctions(folder: string): LiveFunction[] {
  return liveFunctions(folder).filter(({ shifted }) => shifted);
}

/**
 * A step for each function that gives its newest version the traffic, or follows a shift that is under way.
 * @param deploy the command that deploys them, where they are not there
 */
export function shiftSteps(functions: readonly LiveFunction[], clients: ClientConfig, deploy: string): Step[] {
  return functions.map(({ path, name }) => ({
    title: path,
    run: async (tell) => {
      const now = await live(name, clients, deploy);
      const [newest = now.version] = await versions(name, clients);
      const underWay = await runningShift(name, clients);
      if (underWay === undefined && newest <= now.version) return `version ${String(now.version)} is the newest`;
      await followShift(name, underWay ?? (await startShift(name, now.version, newest, clients)), clients, tell);
      return `version ${String((await live(name, clients, "")).version)} has all the traffic, before it was ${String(now.version)}`;
    },
  }));
}
