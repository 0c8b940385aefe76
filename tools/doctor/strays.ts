import type { SynthesizedResource } from "../support/synthesized-resources";
import type { TaggedResource } from "../support/tagged-resources";
import type { Import } from "./imports";
import { type Kind, identityOf, isOurs, kindsOf, nameIn, rank } from "./kinds";
import type { RecordedResource } from "../support/recorded-state";
import { Resolver } from "./resolver";
import type { VpcFact } from "../support/vpc-facts";

/** Something that AWS has and the state has not. */
export interface Stray {
  readonly type: string;
  readonly arn: string;
  /** Of the ARN: its name, or the id that AWS gave it. */
  readonly id: string;
  readonly vpc?: string;
  /** The security group of a rule. */
  readonly group?: string;
}

export interface Strays {
  /** The code has them, and the state has room for them. */
  readonly imports: readonly Import[];
  /** The state has another one at their address: they were made twice. */
  readonly twins: readonly (Stray & { readonly address: string })[];
  /** The code has no address for them, or we do not know their type. */
  readonly unplaced: readonly TaggedResource[];
}

export interface StrayQuestion {
  readonly code: readonly SynthesizedResource[];
  readonly recorded: readonly RecordedResource[];
  readonly tagged: readonly TaggedResource[];
  /** What EC2 says of the parts of the network, by id. */
  readonly facts: ReadonlyMap<string, VpcFact>;
}

/** The parts of a network that `VpcFact`s tell of: without one they are gone, whatever the tagging API still lists. */
const WITH_FACTS =
  /^aws_(vpc|subnet|route_table|internet_gateway|eip|nat_gateway|vpc_endpoint|security_group|vpc_security_group_\w+_rule)$/;

interface Candidate {
  readonly kind: Kind;
  readonly group: string;
  readonly resource: TaggedResource;
  readonly fact?: VpcFact;
}

/** Sorts what carries the deployment's tag and is not in the state: to import, to delete, or to look at. */
export function findStrays({ code, recorded, tagged, facts }: StrayQuestion): Strays {
  const unknown = tagged.filter(({ arn }) => !isAmong(recorded, arn));
  const candidates = unknown
    .map((resource) => ({ resource, of: present(resource, facts) }))
    .filter(({ of }) => of !== undefined);
  const addressOf = addresses(code);
  const placed = candidates.flatMap(({ resource, of = [] }) =>
    of.flatMap(({ kind, group, fact }) => {
      const identity = kind.knownBy === "tag" ? resource.name : group;
      const address = identity === undefined ? undefined : addressOf.get(`${kind.type} ${identity}`);
      return address === undefined ? [] : [{ kind, group, resource, address, ...(fact && { fact }) }];
    }),
  );
  const unplaced = candidates
    .map(({ resource }) => resource)
    .filter((resource) => isOurs(resource.arn) && !placed.some((place) => place.resource === resource));
  return { ...settled(placed, code, recorded, facts), unplaced };
}

/** The kinds that a resource may be of; undefined when it is gone, or comes and goes with something else. */
function present(resource: TaggedResource, facts: ReadonlyMap<string, VpcFact>): Candidate[] | undefined {
  const kinds = kindsOf(resource.arn).map(({ kind, group }) => {
    const fact = facts.get(group);
    return { kind, group, resource, ...(fact && { fact }) };
  });
  return isGone(resource.arn, facts) || kinds.some(({ fact }) => fact?.innate) ? undefined : kinds;
}

/** Whether it is a part of a network of which EC2 knows nothing any more. */
export function isGone(arn: string, facts: ReadonlyMap<string, VpcFact>): boolean {
  const kinds = kindsOf(arn);
  return kinds.length > 0 && kinds.every(({ kind, group }) => WITH_FACTS.test(kind.type) && !facts.has(group));
}

/** Whether one of the recorded resources is the one with an ARN. */
export function isAmong(recorded: readonly RecordedResource[], arn: string): boolean {
  const kinds = kindsOf(arn); // Once for hundreds of them.
  return recorded.some((resource) => isSame(resource, arn, kinds));
}

/** Whether a recorded resource is the one with an ARN: a tainted one may have no more than its name of it. */
function isSame({ type, attributes }: RecordedResource, arn: string, kinds: ReturnType<typeof kindsOf>): boolean {
  if (attributes["arn"] === arn || attributes["id"] === arn) return true;
  return kinds.some(
    ({ kind, group }) =>
      kind.type === type && (attributes["id"] === group || (kind.knownBy === "name" && nameIn(attributes) === group)),
  );
}

function addresses(code: readonly SynthesizedResource[]): ReadonlyMap<string, string> {
  return new Map(code.map((resource) => [`${resource.type} ${String(identityOf(resource))}`, resource.address]));
}

type Placed = Candidate & { readonly address: string };

function settled(
  placed: readonly Placed[],
  code: readonly SynthesizedResource[],
  recorded: readonly RecordedResource[],
  facts: ReadonlyMap<string, VpcFact>,
): Pick<Strays, "imports" | "twins"> {
  const filled = new Set(recorded.filter(({ deposed }) => !deposed).map(({ address }) => address));
  const home = homeOf(placed, recorded, facts);
  const found = new Map<string, string>();
  const resolver = new Resolver(code, recorded, found);
  const resources = new Map(code.map((resource) => [resource.address, resource]));
  const imports: Import[] = [];
  const twins: (Stray & { address: string })[] = [];
  for (const { kind, group, resource, address, fact } of [...placed].sort(byRank)) {
    const { arn } = resource;
    const { vpc, group: ruled } = fact ?? {};
    const stray = { type: kind.type, arn, id: group, ...(vpc && { vpc }), ...(ruled && { group: ruled }) };
    const argument = resolver.argumentsOf(resources.get(address) as SynthesizedResource);
    const groupOfCode = argument("security_group_id");
    if (ruled !== undefined && groupOfCode === undefined) continue;
    const elsewhere = [
      [vpc, home],
      [ruled, groupOfCode],
    ].some(([its, ours]) => its !== undefined && ours !== undefined && its !== ours);
    if (elsewhere || filled.has(address)) {
      twins.push({ ...stray, address });
      continue;
    }
    const importId = idFor(kind, group, arn, argument);
    if (importId === undefined) continue; // What it hangs on is not in the state yet: the next diagnosis knows.
    filled.add(address);
    found.set(address, importId);
    imports.push({ type: kind.type, address, id: importId });
  }
  return { imports, twins };
}

/** The VPC that is the state's, or, when the state has none, the one in which most of the others stand. */
function homeOf(
  placed: readonly Placed[],
  recorded: readonly RecordedResource[],
  facts: ReadonlyMap<string, VpcFact>,
): string | undefined {
  const own = recorded.find(({ type, deposed }) => type === "aws_vpc" && !deposed)?.attributes["id"];
  if (typeof own === "string") return own;
  const inhabitants = (vpc: string): number => [...facts.values()].filter((fact) => fact.vpc === vpc).length;
  return placed
    .filter(({ kind }) => kind.type === "aws_vpc")
    .map(({ group }) => group)
    .sort((a, b) => inhabitants(b) - inhabitants(a))[0];
}

function idFor(
  { importedBy }: Kind,
  group: string,
  arn: string,
  argument: (name: string) => string | undefined,
): string | undefined {
  if (importedBy === "group") return group;
  return importedBy === "arn" ? arn : importedBy({ group, arn }, argument);
}

function byRank(a: Placed, b: Placed): number {
  return rank(a.kind.type) - rank(b.kind.type);
}
