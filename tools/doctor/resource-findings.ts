import { GetQueueUrlCommand, SQSClient } from "@aws-sdk/client-sqs";
import type { ClientConfig } from "../support/aws-clients";
import { terraformOn } from "../support/shell";
import { type SynthesizedResource } from "../support/synthesized-resources";
import { taggedResources } from "../support/tagged-resources";
import { type Finding, fact, note, problem } from "./finding";
import { PROBES, type Probed } from "./probes";
import type { RecordedResource } from "./recorded-state";
import { removal, removalRank, waitFor } from "./removal";
import { Resolver } from "./resolver";
import { type Importable, type Strays, findStrays } from "./strays";
import { taintFindings } from "./taint";
import { stamp } from "./time";
import { type VpcFact, vpcFacts } from "./vpc-facts";

export interface ResourceQuestion {
  /** "dev-stack" */
  readonly stack: string;
  readonly deployment: string;
  readonly code: readonly SynthesizedResource[];
  readonly recorded: readonly RecordedResource[];
  readonly clients: ClientConfig;
}

/** What AWS has and the state has not, and the other way round; what is tainted. */
export async function resourceFindings(question: ResourceQuestion): Promise<Finding[]> {
  const { stack, deployment, code, recorded, clients } = question;
  const [tagged, facts] = await Promise.all([taggedResources(deployment, clients), vpcFacts(deployment, clients)]);
  const strays = findStrays({ code, recorded, tagged, facts });
  const importable = await Promise.all(strays.importable.map((stray) => withUrl(stray, clients)));
  const arns = new Set(tagged.map(({ arn }) => arn));
  return [
    ...(await taintFindings({ stack, recorded, code, arns, facts, clients })),
    ...summary(deployment, tagged.length, strays),
    ...importable.map((stray) => importFinding(stack, stray)),
    ...(await probed(question, importable)),
    ...twinFindings(strays),
    ...strays.unplaced.map(({ arn }) =>
      problem(
        "Resources",
        `${arn} carries the tag of ${deployment}, and neither the state nor the code knows it: a run that was killed while it was removed or renamed, or somebody else's. Look at it, then delete it by hand.`,
      ),
    ),
    ...vanished(recorded, facts),
  ];
}

function summary(deployment: string, tagged: number, { importable, twins, unplaced }: Strays): Finding[] {
  const strays = importable.length + twins.length + unplaced.length;
  const all = `${String(tagged)} resources in AWS have the tag deployment=${deployment}`;
  return [fact("Resources", strays === 0 ? `${all}; the state knows them` : `${all}; ${String(strays)} are strays`)];
}

/** The id of a queue is its URL, which only SQS itself knows on every endpoint. */
async function withUrl(stray: Importable, clients: ClientConfig): Promise<Importable> {
  if (stray.type !== "aws_sqs_queue") return stray;
  const { QueueUrl } = await new SQSClient(clients).send(new GetQueueUrlCommand({ QueueName: stray.id }));
  return { ...stray, importId: QueueUrl ?? stray.importId };
}

function importFinding(stack: string, { type, address, importId }: Omit<Importable, "arn" | "id">): Finding {
  return problem(
    "Resources",
    `${address} exists, and the state does not know it:`,
    ...waitFor(type, importId),
    terraformOn(stack, "import", "-input=false", address, importId),
  );
}

/** What AWS does not list by tag is looked up, where the state has no such address. */
async function probed(
  { stack, deployment, code, recorded, clients }: ResourceQuestion,
  importable: readonly Importable[],
): Promise<Finding[]> {
  const resolver = new Resolver(code, recorded, new Map(importable.map((it) => [it.address, it.importId])));
  const settled = new Set([...recorded, ...importable].map(({ address }) => address));
  const wanted = code.filter(({ address, type }) => type in PROBES && !settled.has(address));
  const findings = await Promise.all(
    wanted.map(async (resource) => {
      const { address, type } = resource;
      const answer = await PROBES[type]?.(resolver.argumentsOf(resource), clients);
      if (!answer) return [];
      const { id: importId, deployment: owner = deployment } = answer;
      if (owner !== deployment) return [stranger(address, answer)];
      if (answer.dying) return [dying(stack, address, answer)];
      return [importFinding(stack, { type, address, importId })];
    }),
  );
  return findings.flat();
}

function stranger(address: string, { id, deployment = "none" }: Probed): Finding {
  return problem(
    "Resources",
    `${address}: ${id} exists, and its tag deployment says ${deployment}. The name is taken; whoever made it has to give it up.`,
  );
}

function dying(stack: string, address: string, { id, dying }: Probed): Finding {
  const until = dying ? ` since ${stamp(dying)}` : "";
  return problem(
    "Resources",
    `${address}: the secret waits for its deletion${until}, and holds its name until then. Take it back (or end it at once, and what it holds: aws secretsmanager delete-secret --secret-id ${id} --force-delete-without-recovery):`,
    ["aws", "secretsmanager", "restore-secret", "--secret-id", id],
    terraformOn(stack, "import", "-input=false", address, id),
  );
}

function twinFindings({ twins }: Strays): Finding[] {
  return [...twins]
    .sort((a, b) => removalRank(a.type) - removalRank(b.type))
    .map(({ type, id, arn, vpc, address }) => {
      const commands = removal(type, id, vpc);
      const what = `${address} was made twice: ${id} is not the one in the state, and nothing of the code uses it.`;
      return commands.length > 0
        ? problem("Resources", `${what} Delete it:`, ...commands)
        : problem("Resources", `${what} Look at ${arn} before you delete it.`);
    });
}

/** Of the network only: a plan says it of everything. */
function vanished(recorded: readonly RecordedResource[], facts: ReadonlyMap<string, VpcFact>): Finding[] {
  const types = [
    "aws_vpc",
    "aws_subnet",
    "aws_route_table",
    "aws_internet_gateway",
    "aws_nat_gateway",
    "aws_security_group",
  ];
  return recorded
    .filter(({ type, attributes }) => types.includes(type) && !facts.has(String(attributes["id"])))
    .map(({ address, attributes }) =>
      note("Resources", `${address} (${String(attributes["id"])}) is gone from AWS: the next apply makes it again.`),
    );
}
