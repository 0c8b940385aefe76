import { type SynthesizedResource } from "../support/synthesized-resources";
import { type Family, type Glyph, KINDS, SURROUNDINGS, unknownKind } from "./kinds";
import { type NetworkTiers, type TierName } from "./network-tiers";

/** Something that the picture shows as a box. */
export interface Box {
  /** Its place in the stack's code: "flows/dead-letters". */
  readonly id: string;
  /** The part that the stack names: "flows"; nothing outside of the stack. */
  readonly part?: string;
  readonly family: Family;
  readonly glyph: Glyph;
  /** What it is: "SQS queue". */
  readonly label: string;
  /** Where it stands in the VPC. */
  readonly tier?: TierName;
  readonly open?: boolean;
}

export const INTERNET: Box = { id: "internet", family: "other", glyph: "globe", label: "everybody" };

/** A stack's boxes: one for the heart of each part, and one for everything else in it that can stand alone. */
export class Boxes {
  readonly all: readonly Box[];
  private readonly byPath: ReadonlyMap<string, Box>;

  /** @param folded one box a part, whatever is in it */
  constructor(resources: readonly SynthesizedResource[], { tierOf }: Pick<NetworkTiers, "tierOf">, folded: boolean) {
    const parts = [...new Set(resources.map(({ path: [part = ""] }) => part))];
    this.byPath = new Map(
      parts.flatMap((part) =>
        boxesOf(
          part,
          resources.filter(({ path }) => path[0] === part),
          tierOf,
          folded,
        ),
      ),
    );
    this.all = [...new Set(this.byPath.values())];
  }

  /** The box that a resource belongs to: the nearest one around it, or its part's. */
  of(resource: SynthesizedResource | undefined): Box | undefined {
    if (!resource) return undefined;
    const prefixes = resource.path.map((_, index) => resource.path.slice(0, resource.path.length - index).join("/"));
    return prefixes.map((prefix) => this.byPath.get(prefix)).find((box) => box !== undefined);
  }
}

function boxesOf(
  part: string,
  within: readonly SynthesizedResource[],
  tierOf: NetworkTiers["tierOf"],
  folded: boolean,
): [string, Box][] {
  const heart = heartOf(within);
  if (!heart || SURROUNDINGS.has(heart.type) || isSetting(heart.type)) return [];
  const box = (resource: SynthesizedResource, id: string): Box => {
    const { family, glyph, label, open } = KINDS[resource.type] ?? unknownKind(resource.type);
    const tier = tierOf(resource);
    return { id, part, family, glyph, label: label(resource.arguments), ...(tier && { tier }), ...(open && { open }) };
  };
  const others = folded ? [] : within.filter((resource) => resource !== heart && KINDS[resource.type]?.alone);
  return [
    [part, box(heart, part)],
    ...others.map((resource): [string, Box] => [resource.path.join("/"), box(resource, resource.path.join("/"))]),
  ];
}

/** What a part is made for: the first kind, where it stands highest. */
function heartOf(within: readonly SynthesizedResource[]): SynthesizedResource | undefined {
  const kinds = [...SURROUNDINGS, ...Object.keys(KINDS)];
  const rank = ({ type, path }: SynthesizedResource): number => {
    const known = kinds.indexOf(type);
    return path.length * 1000 + (known < 0 ? 999 : known);
  };
  return within.toSorted((a, b) => rank(a) - rank(b))[0];
}

/** `aws_s3_bucket_versioning` says something about a bucket, and is nothing by itself. */
function isSetting(type: string): boolean {
  return !(type in KINDS) && Object.keys(KINDS).some((known) => type.startsWith(`${known}_`));
}
