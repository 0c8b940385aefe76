import { readFileSync } from "node:fs";
import { join } from "node:path";
import { isDeepStrictEqual } from "node:util";
import { type ConfiguredBlock, type PlanJson } from "./plan-json";

type Blocks = Readonly<Record<string, Readonly<Record<string, Readonly<Record<string, unknown>>>>>>;

/** What Terraform keeps elsewhere than among a block's expressions. */
const META = ["//", "depends_on", "lifecycle", "provider", "provisioner", "connection", "count", "for_each"];

/**
 * Where a plan was made from another stack than the one that is synthesized now: the first difference, as
 * "aws_sqs_queue.flows: visibility_timeout_seconds"; undefined when there is none.
 */
export function differenceFromSynth(plan: PlanJson, folder: string): string | undefined {
  const { resource = {}, data = {} } = JSON.parse(readFileSync(join(folder, "cdk.tf.json"), "utf8")) as {
    resource?: Blocks;
    data?: Blocks;
  };
  const now = new Map([...blocks("", resource), ...blocks("data.", data)]);
  const then = new Map(
    plan.configuration.root_module.resources.filter(isBlock).map((block) => [addressOf(block), block]),
  );
  for (const address of new Set([...now.keys(), ...then.keys()])) {
    const [ours, planned] = [now.get(address), then.get(address)?.expressions];
    if (ours === undefined) return `${address} is not in the stack`;
    if (planned === undefined) return `${address} is not in the plan`;
    for (const argument of new Set([...Object.keys(ours), ...Object.keys(planned)])) {
      if (META.includes(argument)) continue;
      if (!isDeepStrictEqual(plain(ours[argument]), plain(planned[argument]))) return `${address}: ${argument}`;
    }
  }
  return undefined;
}

function blocks(prefix: string, byType: Blocks): [address: string, args: Readonly<Record<string, unknown>>][] {
  return Object.entries(byType).flatMap(([type, byName]) =>
    Object.entries(byName).map(([name, args]) => [`${prefix}${type}.${name}`, args] as const),
  ) as [string, Readonly<Record<string, unknown>>][];
}

/** Ephemeral resources are not compared: a plan says nothing of their arguments. */
function isBlock({ mode }: ConfiguredBlock): boolean {
  return mode === "managed" || mode === "data";
}

function addressOf({ mode, type, name }: ConfiguredBlock): string {
  return `${mode === "data" ? "data." : ""}${type}.${name}`;
}

/**
 * An expression as it was written: Terraform keeps the text of those in JSON. It keeps a single block as a list, and
 * leaves empty ones out; numbers and booleans may be in quotes.
 */
function plain(value: unknown): unknown {
  if (Array.isArray(value)) {
    const items = value.map(plain).filter((item) => item !== undefined);
    return items.length > 1 ? items : items[0];
  }
  if (typeof value === "object" && value !== null) {
    if ("constant_value" in value) return plain(value.constant_value);
    const entries = Object.entries(value)
      .map(([key, item]) => [key, plain(item)] as const)
      .filter(([, item]) => item !== undefined);
    return entries.length > 0 ? Object.fromEntries(entries) : undefined;
  }
  return value === null || value === undefined ? undefined : String(value);
}
