import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { accounts } from "../../environments/accounts";
import { type Account } from "../../environments/environment";
import { terraform } from "../support/cdktf";
import { LocalAws } from "../support/local-aws";
import { localEnvironment } from "../support/local-environment";
import { freePort } from "../support/port";
import { root } from "../support/project";
import { checkPrerequisites } from "../support/prerequisites";
import { installLocalAws } from "../support/python";
import { run } from "../support/run";
import { type Step } from "../support/steps";
import { type StackBlocks, criticalChain, dependencies, durations } from "./critical-chain";
import { app } from "./commands";
import { type Row } from "./table";

const STACK = "dev-stack";
/** The state needs no bucket here: it is thrown away. */
const LOCAL_STATE = { terraform: { backend: { local: {} } } };

/**
 * Deploys dev-stack to a local AWS that is there for it alone, and says which of the provider's waits no apply can be
 * shorter than, and how much longer it took.
 */
export async function deployment(
  folder: string,
  log: string,
  show: (steps: readonly Step[]) => Promise<void>,
): Promise<Row[]> {
  const account = accounts["dev"] as Account;
  const aws = new LocalAws(join(folder, "aws"));
  const target = { port: await freePort(), account };
  const command = app("deployment", folder);
  const env = { ...localEnvironment(target, process.env), ...command.env, PREFIX: "fb" };
  const stack = join(folder, "deployment", "stacks", STACK);
  const context = { stack: STACK, environment: "dev", accountId: account.id, again: "npm run bench -- --deploy" };
  const apply = ["apply", "-auto-approve", "-no-color", "-input=false"];
  let lines: readonly string[] = [];
  let seconds = 0;
  try {
    await show([
      {
        title: "Local AWS",
        run: async () => {
          await installLocalAws((await checkPrerequisites()).python);
          await aws.start(target);
          return undefined;
        },
      },
      {
        title: "Synthesis",
        run: async () => {
          mkdirSync(join(folder, "deployment"), { recursive: true });
          const [file, ...args] = command.args;
          await run(file, args, { cwd: root, env, log });
          writeFileSync(join(stack, "backend_override.tf.json"), JSON.stringify(LOCAL_STATE));
          await terraform(stack, ["init", "-no-color", "-input=false"], context, { env, log });
          return undefined;
        },
      },
      {
        title: STACK,
        run: async (tell) => {
          const started = Date.now();
          ({ lines } = await terraform(stack, apply, context, { env, log, tell }));
          seconds = (Date.now() - started) / 1000;
          return undefined;
        },
      },
    ]);
  } finally {
    await aws.stop();
  }
  const json = JSON.parse(readFileSync(join(stack, "cdk.tf.json"), "utf8")) as StackBlocks;
  return rows(durations(lines), dependencies(json), seconds);
}

function rows(taken: ReadonlyMap<string, number>, waitsFor: ReadonlyMap<string, string[]>, seconds: number): Row[] {
  const chain = criticalChain(taken, waitsFor);
  const least = chain.reduce((sum, link) => sum + link.seconds, 0);
  return [
    { what: `apply of ${STACK}, ${String(taken.size)} resources and reads`, figure: `${seconds.toFixed(0)} s` },
    { what: "of these, the longest chain of the provider's own waits", figure: `${String(least)} s` },
    ...chain.map((link) => ({ what: `  ${link.address}`, figure: `${String(link.seconds)} s` })),
    { what: "over it", figure: `${(seconds - least).toFixed(0)} s` },
  ];
}
