import type { ClientConfig } from "./aws-clients";
import { Failure } from "./failure";
import { type LiveFunction, live, liveFunctions, versions } from "./live-functions";
import { followShift, runningShift, startShift } from "./shifts";
import type { Step } from "./steps";

/** The functions of a synthesized stack whose traffic CodeDeploy shifts. */
export function shiftedFunctions(folder: string): LiveFunction[] {
  return liveFunctions(folder).filter(({ shifted }) => shifted);
}

/**
 * That no traffic is being shifted: an apply would publish one more version, and the alarms that take the shift back when it
 * goes wrong would watch that one from then on.
 * @throws Failure that names the functions
 */
export async function checkNoneShifts(
  functions: readonly LiveFunction[],
  environment: string,
  clients: ClientConfig,
): Promise<void> {
  const found = await Promise.all(
    functions.map(async ({ path, name }) => ((await runningShift(name, clients)) === undefined ? [] : [path])),
  );
  const [first, ...others] = found.flat();
  if (first === undefined) return;
  throw new Failure(
    `The traffic of ${[first, ...others].join(", ")} is being shifted to the version before this. Follow it to its end, or take it back (npm run rollback -- ${environment} ${first}); then release this.`,
    { next: `npm run shift -- ${environment}` },
  );
}

/**
 * A step for each function that gives its newest version the traffic; first it follows a shift that is under way.
 * @param deploy the command that deploys them, where they are not there
 */
export function shiftSteps(functions: readonly LiveFunction[], clients: ClientConfig, deploy: string): Step[] {
  return functions.map(({ path, name }) => ({
    title: path,
    run: async (tell) => {
      let before: number | undefined;
      for (;;) {
        const { version } = await live(name, clients, deploy);
        before ??= version;
        const [newest = version] = await versions(name, clients);
        const underWay = await runningShift(name, clients);
        if (underWay === undefined && newest <= version) {
          if (version === before) return `version ${String(version)} is the newest`;
          return `version ${String(version)} has all the traffic, before it was ${String(before)}`;
        }
        await followShift(name, underWay ?? (await startShift(name, version, newest, clients)), clients, tell);
      }
    },
  }));
}
