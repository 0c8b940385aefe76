import type { ClientConfig } from "../support/aws-clients";
import { type Command, terraformOn } from "../support/shell";
import type { SynthesizedResource } from "../support/synthesized-resources";
import { type Finding, fact, note, problem } from "./finding";
import { TAKEN_OVER } from "./kinds";
import { PROBES } from "./probes";
import type { RecordedResource } from "../support/recorded-state";
import { Resolver } from "./resolver";
import { isAmong } from "./strays";
import type { VpcFact } from "../support/vpc-facts";
import { waitFor } from "./waits";

export interface TaintQuestion {
  readonly stack: string;
  readonly recorded: readonly RecordedResource[];
  readonly code: readonly SynthesizedResource[];
  /** Everything that carries the deployment's tag, and is there. */
  readonly arns: ReadonlySet<string>;
  readonly facts: ReadonlyMap<string, VpcFact>;
  readonly clients: ClientConfig;
}

/**
 * What the state calls tainted: its creation was not seen to end, and the next apply would replace it. What AWS has is
 * kept instead: a refresh sees what it lacks, and the plan mends that in place. What AWS has not, or what is written
 * over anyway (a secret's value), is left to the apply.
 */
export async function taintFindings({
  stack,
  recorded,
  code,
  arns,
  facts,
  clients,
}: TaintQuestion): Promise<Finding[]> {
  const resolver = new Resolver(code, recorded, new Map());
  const tainted = recorded.filter((resource) => resource.tainted);
  const deposed = recorded
    .filter((resource) => resource.deposed)
    .map(({ address }) => note("Tainted", `${address} has a predecessor that the next apply destroys (deposed).`));
  if (tainted.length === 0) return [fact("Tainted", "nothing"), ...deposed];
  const waits: Command[] = [];
  const findings = await Promise.all(
    tainted.map(async (recorded) => {
      const { address, type, attributes } = recorded;
      const resource = code.find((it) => it.address === address);
      const id = String(attributes["id"]);
      const exists =
        facts.has(id) ||
        [...arns].some((arn) => isAmong([recorded], arn)) ||
        (resource !== undefined && (await PROBES[type]?.(resolver.argumentsOf(resource), clients)) !== undefined);
      if (type in TAKEN_OVER) {
        return note("Tainted", `${address}: the next apply writes it anew, which costs nothing.`);
      }
      if (!exists) return note("Tainted", `${address}: AWS does not have it. The next apply makes it.`);
      waits.push(...waitFor(type, type === "aws_db_instance" ? String(attributes["identifier"]) : id));
      return problem(
        "Tainted",
        `${address} exists, but its creation was not seen to end: the next apply would replace it, and what it holds. Keep it; the plan then says what it lacks:`,
        // The refresh forgets what is gone by then.
        terraformOn(stack, "untaint", "-allow-missing", address),
      );
    }),
  );
  return [...refresh(stack, findings, waits), ...findings, ...deposed];
}

/**
 * Of what was interrupted the state may have no more than the id: outputs and imports that use the rest would fail. Comes
 * first: who is killed before it is done finds the resources tainted still, and is told again.
 */
function refresh(stack: string, findings: readonly Finding[], waits: readonly Command[]): Finding[] {
  if (findings.every(({ level }) => level !== "problem")) return [];
  const command = terraformOn(stack, "apply", "-refresh-only", "-auto-approve", "-input=false");
  return [
    problem(
      "Tainted",
      "What the state lacks of what was interrupted is read from AWS; nothing else changes:",
      ...waits,
      command,
    ),
  ];
}
