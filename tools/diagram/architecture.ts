import { type SynthesizedResource } from "../support/synthesized-resources";
import { type Arrow, FLOWS, type Flow } from "./arrow";
import { type Box, Boxes } from "./boxes";
import { grants } from "./grants";
import { type NetworkTiers, networkTiers } from "./network-tiers";
import { References } from "./references";
import { securityGroupRules } from "./security-group-rules";
import { wiring } from "./wiring";

/** All that the stack says about two boxes, in one direction. */
export interface Line {
  readonly from: string;
  readonly to: string;
  /** Verbs and ports: "sends", "5432", "secret". */
  readonly labels: readonly string[];
  readonly flow: Flow;
}

/** What a picture of a stack shows. */
export interface Architecture {
  readonly title: string;
  readonly network: Pick<NetworkTiers, "vpc" | "tiers">;
  readonly boxes: readonly Box[];
  readonly lines: readonly Line[];
}

export interface Options {
  /** One box a part, whatever is in it. @default false: also one for each thing in it that can stand alone */
  readonly folded?: boolean;
}

/** The architecture that a synthesized stack says: nothing is drawn that no resource stands for. */
export function architecture(
  title: string,
  resources: readonly SynthesizedResource[],
  { folded = false }: Options = {},
): Architecture {
  const references = new References([...resources].sort(byAddress));
  const network = networkTiers(references);
  const boxes = new Boxes(references.resources, network, folded);
  const arrows = [securityGroupRules, wiring, grants].flatMap((of) => of(references, boxes));
  const lines = merged(arrows.filter(({ from, to }) => from.id !== to.id));
  const outside = new Map(
    arrows
      .flatMap(({ from, to }) => [from, to])
      .filter(({ part }) => part === undefined)
      .map((box) => [box.id, box]),
  );
  return { title, network, boxes: [...outside.values(), ...boxes.all], lines };
}

function merged(arrows: readonly Arrow[]): Line[] {
  const order = Object.keys(FLOWS);
  const lines = new Map<string, Line>();
  for (const { from, to, label, flow } of arrows) {
    const key = `${from.id} ${to.id}`;
    const before = lines.get(key);
    const labels = [...new Set([...(before?.labels ?? []), label])].filter(Boolean).sort(portsFirst);
    const stronger = before && order.indexOf(before.flow) < order.indexOf(flow) ? before.flow : flow;
    lines.set(key, { from: from.id, to: to.id, labels, flow: stronger });
  }
  return [...lines.values()];
}

function portsFirst(a: string, b: string): number {
  return a.localeCompare(b, "en", { numeric: true });
}

/** What stands on a line: "5432 · secret". */
export function said({ labels }: Line): string {
  return labels.join(" · ");
}

/** The order of a synth is no matter of the picture's. */
function byAddress(a: SynthesizedResource, b: SynthesizedResource): number {
  return a.address < b.address ? -1 : 1;
}
