import { terraformLine } from "../support/terraform-output";

/** An element that Terraform made or read, and how long that took. */
export interface Link {
  readonly address: string;
  readonly seconds: number;
}

type Blocks = Readonly<Record<string, Readonly<Record<string, unknown>>>>;

/** What we use of a synthesized stack. */
export interface StackBlocks {
  readonly resource?: Blocks;
  readonly data?: Blocks;
  readonly ephemeral?: Blocks;
}

const COMPLETE = /^(\S+?)(?: \(.*\))?: (?:Creation|Read|Opening) complete after (?:(\d+)h)?(?:(\d+)m)?(\d+)s/;

/** How long each element took, by address, from what Terraform (or cdktf) printed during an apply. */
export function durations(lines: readonly string[]): Map<string, number> {
  const found = lines.map((line) => COMPLETE.exec(terraformLine(line))).filter((match) => match !== null);
  return new Map(
    found.map(([, address, h, m, s]) => [String(address), Number(h ?? 0) * 3600 + Number(m ?? 0) * 60 + Number(s)]),
  );
}

/** What each element of a stack waits for: the addresses in its expressions and in its `depends_on`. */
export function dependencies(stack: StackBlocks): Map<string, string[]> {
  const blocks = (kind: Blocks | undefined, prefix: string): [string, unknown][] =>
    Object.entries(kind ?? {}).flatMap(([type, byId]) =>
      Object.entries(byId).map(([id, block]): [string, unknown] => [`${prefix}${type}.${id}`, block]),
    );
  const all = new Map([
    ...blocks(stack.resource, ""),
    ...blocks(stack.data, "data."),
    ...blocks(stack.ephemeral, "ephemeral."),
  ]);
  return new Map(
    [...all].map(([address, block]) => [
      address,
      mentioned(block).filter((other) => other !== address && all.has(other)),
    ]),
  );
}

/** The addresses in expressions, and those that `depends_on` and `replace_triggered_by` name bare. */
function mentioned(block: unknown): string[] {
  const texts = JSON.stringify(block, (key, value: unknown) => (key === "//" ? undefined : value)).match(
    /\$\{[^}]*\}|"[\w.-]+"/g,
  );
  return [...new Set((texts ?? []).flatMap((text) => text.match(/(?:data\.|ephemeral\.)?\baws_\w+\.[\w-]+/g) ?? []))];
}

/** The chain of elements, each of which waits for the one before, that takes longest: no apply is shorter. */
export function criticalChain(taken: ReadonlyMap<string, number>, waitsFor: ReadonlyMap<string, string[]>): Link[] {
  const known = new Map<string, { readonly seconds: number; readonly links: readonly Link[] }>();
  const until = (address: string): { readonly seconds: number; readonly links: readonly Link[] } => {
    const before = known.get(address);
    if (before) return before;
    known.set(address, { seconds: 0, links: [] }); // Terraform refuses cycles; a wrong guess of ours must end too.
    const longest = (waitsFor.get(address) ?? [])
      .map(until)
      .reduce((a, b) => (b.seconds > a.seconds ? b : a), { seconds: 0, links: [] });
    const seconds = taken.get(address) ?? 0;
    const here = { seconds: longest.seconds + seconds, links: [...longest.links, { address, seconds }] };
    known.set(address, here);
    return here;
  };
  const ends = [...waitsFor.keys()].map(until);
  const { links } = ends.reduce((a, b) => (b.seconds > a.seconds ? b : a), { seconds: 0, links: [] });
  return links.filter(({ seconds }) => seconds > 0);
}
