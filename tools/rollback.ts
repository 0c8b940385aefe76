import { ambientClients } from "./support/aws-clients";
import { announce } from "./support/deployment-line";
import { ENVIRONMENTS, environmentAsked } from "./support/environment-argument";
import { Failure, command } from "./support/failure";
import { awsEnvironment } from "./support/local-environment";
import { type LiveFunction, live, liveFunctions, pointAt, versions } from "./support/live-functions";
import { checkAccount } from "./support/remote-state";
import { runningShift, stopShift } from "./support/shifts";
import { readEnvironment } from "./support/stack-folder";
import { tool } from "./support/tool";

interface Flags {
  readonly to?: string;
}

/** `npm run rollback -- production delivery`: an earlier version gets all the traffic, from the next call on. */
async function rollback(given: string | undefined, wanted: string | undefined, { to }: Flags): Promise<void> {
  const environment = environmentAsked(given, "npm run rollback --");
  const stack = readEnvironment(environment);
  announce(stack);
  const target = found(liveFunctions(stack.folder), wanted, environment);
  const { path } = target;
  const clients = ambientClients(stack.region, awsEnvironment(process.env));
  await checkAccount(clients, environment, stack.accountId, `npm run rollback -- ${environment} ${path}`);

  const now = await live(target.name, clients, `npx cdktf deploy ${environment}-stack`);
  const underWay = target.shifted ? await runningShift(target.name, clients) : undefined;
  if (underWay !== undefined) {
    await stopShift(underWay, clients);
    console.log(`The shift to version ${String(now.shifting?.version ?? "")} is stopped.`);
  }
  const published = await versions(target.name, clients);
  const version = chosen(target, published, to, underWay === undefined ? now.version - 1 : now.version, environment);
  await pointAt(target.name, version, clients);

  console.log(`All calls of ${target.name} go to version ${String(version)}; before, it was ${String(now.version)}.`);
  if (!target.shifted) {
    console.log(`The next apply publishes and takes the newest again: mend or revert the source before it.`);
  }
  console.log(`Forward again: npm run rollback -- ${environment} ${path} --to ${String(published[0] ?? now.version)}`);
}

function found(functions: readonly LiveFunction[], wanted: string | undefined, environment: string): LiveFunction {
  const match = functions.find((it) => it.path === wanted || it.name === wanted);
  if (match) return match;
  const known = functions.map((it) => it.path);
  const got = wanted === undefined ? "none" : `"${wanted}"`;
  throw new Failure(
    known.length === 0
      ? `${environment}-stack has no functions.`
      : `Which function? Expected one of ${known.join(", ")}, got ${got}.`,
    known[0] === undefined ? {} : { next: `npm run rollback -- ${environment} ${known[0]}` },
  );
}

/** The version that was asked for, or the newest one that is not above `most`. */
function chosen(
  { name, path }: LiveFunction,
  published: readonly number[],
  to: string | undefined,
  most: number,
  environment: string,
): number {
  const version = to === undefined ? published.find((it) => it <= most) : published.find((it) => String(it) === to);
  if (version !== undefined) return version;
  const kept = published.length === 0 ? "none" : published.slice(0, 10).join(", ");
  throw new Failure(
    to === undefined
      ? `${name} has no version before the one that runs (published: ${kept}).`
      : `${name} has no version ${to} (published: ${kept}). Nothing was changed.`,
    { next: `npm run rollback -- ${environment} ${path} --to ${String(published[0] ?? 1)}` },
  );
}

const program = tool("npm run rollback --")
  .description("Points a function back at an earlier version, at once, and stops a shift that is under way.")
  .argument("[environment]", `${ENVIRONMENTS}; of the system that was synthesized last`)
  .argument("[function]", 'its place in the stack: "delivery"')
  .option("--to <version>", "the version to run (default: the one before the one that runs)")
  .action((environment: string | undefined, path: string | undefined, flags: Flags) =>
    command(() => rollback(environment, path, flags)),
  );

void program.parseAsync();
