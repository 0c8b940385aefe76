import { SQSClient } from "@aws-sdk/client-sqs";
import { InvalidArgumentError } from "commander";
import { accounts } from "../environments/accounts";
import { type Account } from "../environments/environment";
import { countMessages, findQueue, sampleLetters } from "./redrive/dead-letters";
import { checkNoneRuns, moveBack } from "./redrive/move-task";
import { chosenQueue, redrivableQueues } from "./redrive/queues";
import { countReport, letters, sampleReport } from "./redrive/report";
import { ambientClients } from "./support/aws-clients";
import { cdktf } from "./support/cdktf";
import { announce, announceChosen } from "./support/deployment-line";
import { ENVIRONMENTS, environmentAsked } from "./support/environment-argument";
import { Failure, command } from "./support/failure";
import { awsEnvironment } from "./support/local-environment";
import { freshLog } from "./support/project";
import { agreed, canAsk } from "./support/question";
import { checkAccount } from "./support/remote-state";
import { type StackFolder, readStack } from "./support/stack-folder";
import { runSteps } from "./support/steps";
import { tool } from "./support/tool";

interface Flags {
  readonly yes: boolean;
  readonly show: boolean;
  readonly rate?: number;
}

/** `npm run redrive -- dev flows`: sends a queue's dead letters back to it, once what made them fail is mended. */
async function redrive(given: string | undefined, queueName: string | undefined, flags: Flags): Promise<void> {
  const environment = environmentAsked(given, "npm run redrive --");
  announceChosen(environment);
  const account = accounts[environment] as Account;
  const clients = ambientClients(account.region, awsEnvironment(process.env));
  const stack = await synthesized(environment, account.id);
  announce(stack);
  const queue = chosenQueue(queueName, redrivableQueues(stack.folder), environment);
  await checkAccount(clients, environment, stack.accountId, `npm run redrive -- ${environment}`);

  const client = new SQSClient(clients);
  const deadLetters = await findQueue(client, queue.deadLetters, environment);
  const origin = await findQueue(client, queue.name, environment);
  const before = await countMessages(client, deadLetters);
  console.log(`\n${countReport(queue, before)}`);
  await checkNoneRuns(client, deadLetters);
  if (before.waiting === 0) {
    console.log(before.held > 0 ? "Try again when they are let go." : "There is nothing to do.");
    return;
  }
  console.log(sampleReport(await sampleLetters(client, deadLetters), flags).join("\n"));

  if (!flags.yes && !canAsk()) {
    throw new Failure("There is no terminal to ask at. Nothing was changed; --yes sends them back without asking.");
  }
  if (!flags.yes && !(await agreed(`\nSend ${letters(before.waiting)} back to ${queue.name}?`))) {
    console.log("Nothing was changed.");
    return;
  }
  await runSteps([
    {
      title: `Redrive to ${queue.name}`,
      run: async (tell) => `${String(await moveBack(client, deadLetters, origin, flags.rate, tell))} sent back`,
    },
  ]);
  const after = await countMessages(client, deadLetters);
  console.log(`\n${countReport(queue, after)} What fails again comes back here; the alarm tells.`);
}

/** Names come from what is synthesized now: cdktf.out may be another branch's or system's. */
async function synthesized(environment: string, accountId: string): Promise<StackFolder> {
  const stack = `${environment}-stack`;
  const context = { stack, environment, accountId, again: `npm run redrive -- ${environment}` };
  const tool = { env: awsEnvironment(process.env), log: freshLog("redrive") };
  await runSteps([
    {
      title: "Synthesis",
      run: async () => {
        await cdktf(["synth"], context, tool);
        return undefined;
      },
    },
  ]);
  return readStack(stack);
}

function parseRate(text: string): number {
  const rate = Number(text);
  if (Number.isInteger(rate) && rate >= 1 && rate <= 500) return rate;
  throw new InvalidArgumentError("Expected an integer from 1 to 500.");
}

const program = tool("npm run redrive --")
  .description(
    "Shows why messages of a queue are among its dead letters, and sends them back to be tried again. Takes SYSTEM and PREFIX as cdktf does.",
  )
  .argument("[environment]", ENVIRONMENTS)
  .argument("[queue]", "its place in the stack (flows) or its name in AWS (fb-dev-flows)")
  .option("--show", "shows the bodies of the sample, which may hold personal data", false)
  .option("--yes", "sends them back without asking", false)
  .option("--rate <number>", "messages a second, 1 to 500 (default: as many as SQS can)", parseRate)
  .action((environment: string | undefined, queue: string | undefined, flags: Flags) =>
    command(() => redrive(environment, queue, flags)),
  );

void program.parseAsync();
