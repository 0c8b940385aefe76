import { type Architecture, type Line } from "./architecture";
import { type Box } from "./boxes";
import { linesBack } from "./lines-back";
import { TIERS, type TierName } from "./network-tiers";

/** In points, from the left and from the top. */
export interface Point {
  readonly x: number;
  readonly y: number;
}

export interface Size {
  readonly width: number;
  readonly height: number;
}

export interface Rectangle extends Point, Size {}

/** Where everything stands. */
export interface Layout extends Size {
  readonly boxes: readonly { readonly box: Box; readonly at: Rectangle }[];
  readonly lines: readonly PlacedLine[];
  readonly vpc?: Rectangle;
  /** As wide as the VPC, one below the other. */
  readonly tiers: readonly { readonly name: TierName; readonly at: Rectangle }[];
}

export interface PlacedLine {
  readonly line: Line;
  /** A start, and three points for each cubic curve. */
  readonly curve: readonly Point[];
  /** Where the arrow ends. */
  readonly end: Point;
  /** The middle of the label, where there is one. */
  readonly label?: Point;
}

/** How large texts are. Fonts differ from machine to machine: the layout goes by these and never by a font. */
export interface Sizes {
  readonly box: (box: Box) => Size;
  /** The text on a line. */
  readonly line: (line: Line) => Size;
  /** The VPC's title, above its tiers. */
  readonly title: (title: string) => Size;
  /** The strip for the tiers' names, at their left. */
  readonly strip: number;
}

/** What Graphviz answers, as far as it is read here. */
interface Drawn {
  readonly bb: string;
  readonly objects?: readonly {
    readonly name: string;
    readonly bb?: string;
    readonly pos?: string;
    readonly width?: string;
    readonly height?: string;
  }[];
  readonly edges?: readonly { readonly id?: string; readonly pos: string; readonly lp?: string }[];
}

/** Between a frame and what is in it. */
const PADDING = 14;
const POINTS_PER_INCH = 72;

/** Places boxes and lines by Graphviz's `dot`: from the internet down, tier by tier. The same on every machine. */
export async function layout(architecture: Architecture, sizes: Sizes): Promise<Layout> {
  // Loaded when it is needed: it takes 40 ms.
  const { instance } = await import("@viz-js/viz");
  const drawn = (await instance()).renderJSON(graph(architecture, sizes), { yInvert: true }) as Drawn;
  return placed(drawn, architecture, sizes.strip);
}

function graph(architecture: Architecture, sizes: Sizes) {
  const { network, boxes, lines } = architecture;
  const node = (box: Box): Node => ({ name: box.id, attributes: inches(sizes.box(box)) });
  const tiers = network.tiers.map(({ name }) => {
    const within = boxes.filter((box) => box.tier === name).map(node);
    // Graphviz drops an empty frame.
    return {
      name,
      nodes:
        within.length > 0 ? within : [{ name: `nothing in ${name}`, attributes: inches({ width: 1, height: 54 }) }],
    };
  });
  // Each tier stands below the one before, and close to it where no line draws it there.
  const tierOf = new Map(boxes.map(({ id, tier }) => [id, tier]));
  const order = tiers.slice(1).map(({ name, nodes: [below] }, index) => {
    const above = tiers[index];
    const joined = lines.some(({ from, to }) => {
      const ends = [tierOf.get(from), tierOf.get(to)];
      return ends.includes(name) && ends.includes(above?.name);
    });
    const attributes = { style: "invis", weight: joined ? 0 : 1 };
    return { tail: above?.nodes[0]?.name ?? "", head: below?.name ?? "", attributes };
  });
  const vpc = {
    name: "cluster vpc",
    graphAttributes: { label: space(sizes.title(network.vpc ?? "")), labeljust: "l", margin: PADDING },
    subgraphs: tiers.map(({ name, nodes }) => ({
      name: `cluster ${name}`,
      graphAttributes: { label: "", margin: PADDING, rank: "same" },
      nodes,
    })),
  };
  const back = linesBack(architecture);
  const arrows = lines.map((line, index) => ({
    ...(back.has(line) ? { tail: line.to, head: line.from } : { tail: line.from, head: line.to }),
    attributes: {
      dir: back.has(line) ? "back" : "forward",
      id: String(index),
      weight: line.flow === "network" ? 3 : 1,
      // Repositories stand above the network: beside it they would make the picture wide.
      minlen: line.flow === "image" ? 2 : 1,
      ...(line.labels.length > 0 && { label: space(sizes.line(line)) }),
    },
  }));
  return {
    graphAttributes: { rankdir: "TB", newrank: true, nodesep: 0.3, ranksep: 0.8 },
    nodeAttributes: { shape: "box", fixedsize: true, label: "" },
    nodes: boxes.filter((box) => box.tier === undefined).map(node),
    subgraphs: tiers.length > 0 ? [vpc] : [],
    edges: [...arrows, ...order],
  };
}

type Node = { name: string; attributes: Record<string, number> };

function placed({ bb, objects = [], edges = [] }: Drawn, { boxes, lines }: Architecture, strip: number): Layout {
  const by = new Map(objects.map((object) => [object.name, object]));
  const frame = (name: string): Rectangle | undefined => {
    const corners = by.get(`cluster ${name}`)?.bb;
    return corners === undefined ? undefined : rectangle(corners);
  };
  const vpc = frame("vpc");
  const extra = vpc ? strip : 0;
  // All that is not left of the VPC moves right, for the strip; what crosses it is stretched.
  const moved = (text: string): Point => {
    const [x = 0, y = 0] = text.split(",").map(Number);
    return { x: vpc && x >= vpc.x ? x + extra : x, y };
  };
  const { width, height } = rectangle(bb);
  return {
    width: width + extra,
    height,
    boxes: boxes.map((box) => {
      const { pos = "", width: wide, height: high } = by.get(box.id) ?? {};
      const { x, y } = moved(pos);
      const size = { width: Number(wide) * POINTS_PER_INCH, height: Number(high) * POINTS_PER_INCH };
      return { box, at: { x: x - size.width / 2, y: y - size.height / 2, ...size } };
    }),
    lines: edges.flatMap(({ id, pos, lp }) => {
      const line = lines[Number(id)];
      if (!line) return [];
      const [end = "", ...points] = pos.split(" ");
      // "s," instead of "e,": it was turned for the layout, and its arrow is at the start.
      const curve = end.startsWith("s,") ? points.reverse() : points;
      return [
        {
          line,
          curve: curve.map(moved),
          end: moved(end.slice(2)),
          ...(lp !== undefined && { label: moved(lp) }),
        },
      ];
    }),
    ...(vpc && { vpc: { ...vpc, width: vpc.width + extra } }),
    tiers: TIERS.flatMap((name) => {
      const at = frame(name);
      return vpc && at ? [{ name, at: { ...at, x: vpc.x + PADDING, width: vpc.width + extra - 2 * PADDING } }] : [];
    }),
  };
}

function inches({ width, height }: Size): Record<string, number> {
  return { width: width / POINTS_PER_INCH, height: height / POINTS_PER_INCH };
}

/** A label of this size, whatever the font. */
function space({ width, height }: Size): { html: string } {
  const size = `fixedsize="true" width="${String(width)}" height="${String(height)}"`;
  return { html: `<table border="0" cellborder="0" ${size}><tr><td></td></tr></table>` };
}

function rectangle(corners: string): Rectangle {
  const [left = 0, one = 0, right = 0, other = 0] = corners.split(",").map(Number);
  return { x: left, y: Math.min(one, other), width: right - left, height: Math.abs(other - one) };
}
