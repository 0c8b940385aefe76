import { type Architecture } from "./architecture";
import { type Layout } from "./layout";
import { area, halo, text } from "./markup";
import { FADED, INK, TIER_FILLS, VPC_FILL, VPC_STROKE } from "./palette";

/** The frames of the VPC and its tiers. */
export function frames({ vpc, tiers }: Layout): string[] {
  return [
    ...(vpc ? [`<rect ${area(vpc)} rx="10" fill="${VPC_FILL}" stroke="${VPC_STROKE}" stroke-width="1.2"/>`] : []),
    ...tiers.map(({ name, at }) => `<rect ${area(at)} rx="8" fill="${TIER_FILLS[name]}"/>`),
  ];
}

/** What the frames say, over the lines: the VPC above its tiers, each tier in the strip at its left. */
export function frameTitles({ vpc, tiers }: Layout, network: Architecture["network"]): string[] {
  const outer = vpc
    ? [
        text(
          { x: vpc.x + 14, y: vpc.y + 21 },
          network.vpc ?? "",
          `font-weight="600" fill="${VPC_STROKE}" ${halo(VPC_FILL)}`,
        ),
      ]
    : [];
  const inner = tiers.flatMap(({ name, at }) => {
    const ground = halo(TIER_FILLS[name]);
    const notes = network.tiers.find((tier) => tier.name === name)?.notes ?? [];
    const line = (index: number): { x: number; y: number } => ({ x: at.x + 12, y: at.y + 26 + index * 17 });
    return [
      text(line(0), name, `font-size="13" font-weight="600" fill="${INK}" ${ground}`),
      ...notes.map((note, index) => text(line(index + 1), note, `fill="${FADED}" ${ground}`)),
    ];
  });
  return [...outer, ...inner];
}
