import { Option } from "commander";
import { type Report, asJson, asText, isHealthy } from "./doctor/report";
import { type Patient, diagnose } from "./doctor/diagnosis";
import { writeImports } from "./doctor/imports";
import { mend } from "./doctor/mend";
import { ambientClients, localClients } from "./support/aws-clients";
import { announce } from "./support/deployment-line";
import { ENVIRONMENTS, environmentAsked } from "./support/environment-argument";
import { command } from "./support/failure";
import { LocalAws } from "./support/local-aws";
import { awsEnvironment, localEnvironment } from "./support/local-environment";
import { parsePort } from "./support/port";
import { freshLog } from "./support/project";
import { checkAccount } from "./support/remote-state";
import { readEnvironment } from "./support/stack-folder";
import { tool } from "./support/tool";
import { DEFAULT_PORT } from "./local/session";

interface Flags {
  readonly fix: boolean;
  readonly yes: boolean;
  readonly unlock: boolean;
  readonly json: boolean;
  readonly imports: boolean;
  readonly local: boolean;
  readonly port?: string;
}

/** A mended thing can show another that stood behind it; more rounds than this would go in a circle. */
const MOST_ROUNDS = 5;

/** `npm run doctor -- dev`: how the state of a deployment is, and what mends it. */
async function doctor(given: string | undefined, flags: Flags): Promise<void> {
  const environment = environmentAsked(given, "npm run doctor --");
  const log = freshLog("doctor");
  const { patient, ...place } = visit(environment, flags);
  announce(patient.stack, patient.env);
  await checkAccount(
    patient.clients,
    environment,
    patient.stack.accountId,
    `npm run doctor -- ${environment}${place.options}`,
  );
  let written = false;
  const look = async (): Promise<Report> => {
    let diagnosis = await diagnose(patient);
    if (flags.imports && diagnosis.imports) {
      writeImports(patient.stack.folder, diagnosis.imports);
      written = true;
      diagnosis = await diagnose(patient);
    }
    return { environment, deployment: patient.stack.deployment, ...place, findings: diagnosis.findings };
  };
  let report = await look();
  if (flags.fix) {
    const again = `npm run doctor -- ${environment}${place.options} --fix`;
    const { env } = patient;
    for (let round = 0; round < MOST_ROUNDS && !isHealthy(report); round += 1) {
      const mended = await mend(report.findings, { consent: flags, env, log, again });
      report = await look();
      if (mended === 0) break;
    }
  }
  console.log(flags.json ? asJson(report) : asText(report));
  // Writing the blocks is a step of its own, which others may follow: what else is to be mended does not make it fail.
  process.exitCode = isHealthy(report) || (written && !flags.fix) ? 0 : 1;
}

/** Whom the doctor visits: on AWS with the shell's credentials, or on the local AWS. */
function visit(
  environment: string,
  { local, port }: Flags,
): { patient: Patient } & Omit<Report, "environment" | "deployment" | "findings"> {
  const stack = readEnvironment(environment);
  const write = ["npm", "run", "doctor", "--"] as const;
  const account = { id: stack.accountId, region: stack.region };
  if (!local && port === undefined) {
    const env = awsEnvironment(process.env);
    const clients = ambientClients(stack.region, env);
    const where = clients.endpoint ? `${clients.endpoint}, account` : "AWS account";
    return {
      patient: { environment, stack, clients, env, write: [...write, environment, "--imports"] },
      place: `${where} ${account.id}, ${account.region}`,
      options: "",
    };
  }
  const target = { port: port === undefined ? (new LocalAws().port ?? DEFAULT_PORT) : parsePort(port), account };
  const given = port === undefined ? "" : ` --port ${port}`;
  return {
    patient: {
      ...{ environment, stack, clients: localClients(target), env: localEnvironment(target, process.env) },
      write: [...write, environment, "--local", ...(port === undefined ? [] : ["--port", port]), "--imports"],
    },
    place: `the local AWS on port ${String(target.port)}, account ${account.id}, ${account.region}`,
    options: ` --local${given}`,
    prelude: `eval "$(npm run --silent local -- env${given})"`,
  };
}

const program = tool("npm run doctor --")
  .description(
    "Says how the state of a deployment is: where it is, who holds its lock, whether its checksum fits, what AWS has and it has not. Changes nothing without --fix. Exit code 0: healthy, or the blocks of --imports are written; 1: something is to be done.",
  )
  .argument("[environment]", ENVIRONMENTS)
  .option("--fix", "runs what it says, one after the other, with a question before each", false)
  .option("--yes", "with --fix: answers the questions, but not that for the lock", false)
  .option("--unlock", "with --fix: takes the lock away from whoever holds it", false)
  .option("--imports", "writes import blocks beside the stack, for what AWS has and the state has not", false)
  .option("--json", "prints the diagnosis as JSON", false)
  .option(
    "--local",
    "looks at the local AWS, whatever the shell is set to; otherwise where the shell's credentials and AWS_ENDPOINT_URL lead",
    false,
  )
  .addOption(new Option("--port <port>", "likewise, on this port"))
  .action((environment: string | undefined, flags: Flags) => command(() => doctor(environment, flags)));

void program.parseAsync();
