import type { ClientConfig } from "../support/aws-clients";
import { type Command, shellText, terraformOn } from "../support/shell";
import { type SynthesizedResource } from "../support/synthesized-resources";
import { isDeleted } from "../support/deleted-resources";
import { type TaggedResource, taggedResources } from "../support/tagged-resources";
import { type Finding, fact, note, problem } from "./finding";
import { foreignRules } from "./foreign-rules";
import { type Import, type ImportQuestion, importFindings } from "./imports";
import { isOurs, kindOf } from "./kinds";
import { PROBES, type Probed } from "./probes";
import type { RecordedResource } from "../support/recorded-state";
import { removal, removalRank } from "./removal";
import { Resolver } from "./resolver";
import { type Stray, type Strays, findStrays, isAmong, isGone } from "./strays";
import { taintFindings } from "./taint";
import { stamp } from "../support/time";
import { type VpcFact, vpcFacts } from "../support/vpc-facts";

export interface ResourceQuestion {
  /** "dev-stack" */
  readonly stack: string;
  readonly deployment: string;
  readonly code: readonly SynthesizedResource[];
  readonly recorded: readonly RecordedResource[];
  readonly clients: ClientConfig;
  /** The import blocks that are there, and the command that writes them. */
  readonly blocks: ImportQuestion["blocks"];
  readonly write: Command;
}

/** What AWS has and the state has not, and the other way round; what is tainted. */
export async function resourceFindings(
  question: ResourceQuestion,
): Promise<{ findings: Finding[]; imports: Import[] }> {
  const { stack, deployment, code, recorded, clients, blocks, write } = question;
  const [all, facts] = await Promise.all([taggedResources(deployment, clients), vpcFacts(deployment, clients)]);
  const tagged = await stillThere(all, question, facts);
  const strays = findStrays({ code, recorded, tagged, facts });
  const listed = strays.imports.filter(({ type }) => !(type in PROBES));
  const probed = await probe(question, listed);
  const imports = [...listed, ...probed.imports];
  const kept = new Map([...facts].filter(([id]) => strays.twins.every((twin) => twin.id !== id)));
  const arns = new Set(tagged.map(({ arn }) => arn));
  const findings = [
    ...(await taintFindings({ stack, recorded, code, arns, facts, clients })),
    fact("Resources", `${String(all.length)} resources in AWS have the tag deployment=${deployment}`),
    ...importFindings({ stack, imports, blocks, write }),
    ...probed.findings,
    ...twinFindings(stack, strays),
    ...(await foreignRules(deployment, kept, clients)),
    ...strays.unplaced.map(({ arn }) =>
      problem(
        "Resources",
        `${arn} carries the tag of ${deployment}, and neither the state nor the code knows it: a run that was killed while it was removed or renamed, or somebody else's. Look at it, then delete it by hand.`,
      ),
    ),
    ...vanished(recorded, facts),
  ];
  return { findings, imports };
}

/** What is in the state and whole is not asked for: a refresh does that. The rest may be listed for its tags, and be gone for hours. */
export async function stillThere(
  tagged: readonly TaggedResource[],
  { recorded, clients }: Pick<ResourceQuestion, "recorded" | "clients">,
  facts: ReadonlyMap<string, VpcFact>,
): Promise<TaggedResource[]> {
  const whole = recorded.filter(({ tainted }) => !tainted);
  const there = await Promise.all(
    tagged.map(async ({ arn }) => {
      if (!isOurs(arn) || isAmong(whole, arn)) return true;
      return !isGone(arn, facts) && !(await isDeleted(arn, clients));
    }),
  );
  return tagged.filter((_, index) => there[index]);
}

/** What AWS does not list by tag is looked up, where the state has no such address. */
async function probe(
  { stack, deployment, code, recorded, clients }: ResourceQuestion,
  listed: readonly Import[],
): Promise<{ imports: Import[]; findings: Finding[] }> {
  const resolver = new Resolver(code, recorded, new Map(listed.map(({ address, id }) => [address, id])));
  const settled = new Set([...recorded.filter(({ deposed }) => !deposed), ...listed].map(({ address }) => address));
  const imports: Import[] = [];
  const findings: Finding[] = [];
  for (const resource of code.filter(({ address, type }) => type in PROBES && !settled.has(address))) {
    const { address, type } = resource;
    const answer = await PROBES[type]?.(resolver.argumentsOf(resource), clients);
    if (!answer) continue;
    if ((answer.deployment ?? deployment) !== deployment) findings.push(stranger(address, answer));
    else if (answer.dying) findings.push(dying(stack, address, answer));
    else imports.push({ type, address, id: answer.id });
  }
  return { imports, findings };
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

export function twinFindings(stack: string, { twins }: Pick<Strays, "twins">): Finding[] {
  return [...twins]
    .sort((a, b) => removalRank(a.type) - removalRank(b.type))
    .map(({ address, ...stray }) => {
      const { id, arn } = stray;
      const commands = removal(stray);
      const succession = successionOf(stack, address, stray);
      const what = succession
        ? `${address} was replaced by ${id}, and the state has the one before.`
        : `${address} was made twice: ${id} is not the one in the state, and nothing of the code uses it.`;
      return commands.length > 0
        ? problem("Resources", `${what} Delete it${succession}:`, ...commands)
        : problem("Resources", `${what} Look at ${arn} before you delete it${succession}.`);
    });
}

/** What has the code's name, where the state has another, was made by a replacement, and may be in use already. */
function successionOf(stack: string, address: string, { type, id, arn }: Stray): string {
  const kind = kindOf(type);
  if (kind?.knownBy !== "name" || typeof kind.importedBy !== "string" || type in PROBES) return "";
  const taken = [
    terraformOn(stack, "state", "rm", address),
    terraformOn(stack, "import", "-input=false", address, kind.importedBy === "arn" ? arn : id),
  ];
  return ` (or, where it is in use already, have the state take it: ${taken.map(shellText).join(" && ")}; the one before is deleted by hand after the next deploy)`;
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
