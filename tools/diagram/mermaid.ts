import { type Architecture, type Line, said } from "./architecture";
import { type Box } from "./boxes";
import { type Glyph } from "./kinds";
import { FAMILIES, INK, STROKES, TIER_FILLS, VPC_FILL, VPC_STROKE } from "./palette";

/** The shape of a box, by its glyph. @default a rectangle */
const SHAPES: Readonly<Partial<Record<Glyph, readonly [string, string]>>> = {
  globe: ["((", "))"],
  cylinder: ["[(", ")]"],
  bucket: ["[(", ")]"],
  queue: ["[[", "]]"],
  clock: ["([", "])"],
};

/** Words that Mermaid reads as its own. */
const RESERVED =
  /^(call|class|classDef|click|default|direction|end|flowchart|graph|href|interpolate|linkStyle|o|style|subgraph|x)$/;

/** The architecture as Mermaid's flowchart, which GitHub draws; its colours hold in light and dark. */
export function mermaid({ title, network, boxes, lines }: Architecture): string {
  const frames = network.tiers.map(({ name, notes }) => ({
    name,
    title: `${name}: ${notes.join(", ")}`,
    boxes: boxes.filter((box) => box.tier === name),
  }));
  const tiers = frames
    .filter((tier) => tier.boxes.length > 0)
    .flatMap((tier) => subgraph(`tier_${tier.name}`, tier.title, tier.boxes.map(node), TIER_FILLS[tier.name]));
  const vpc = tiers.length > 0 ? subgraph("vpc", network.vpc ?? "", tiers, VPC_FILL, VPC_STROKE) : [];
  const families = [...new Set(boxes.map(({ family }) => family))];
  return [
    "flowchart TB",
    ...[
      `accTitle: ${title}`,
      ...boxes.filter((box) => box.tier === undefined).map(node),
      ...vpc,
      ...lines.map(arrow),
      ...families.map(
        (family) => `classDef ${family} fill:#ffffff,stroke:${FAMILIES[family]},stroke-width:2px,color:${INK}`,
      ),
    ].map(indented),
    "",
  ].join("\n");
}

function node(box: Box): string {
  const [open, close] = SHAPES[box.glyph] ?? ["[", "]"];
  return `${identifier(box.id)}${open}"${quoted(box.id)}<br/>${quoted(box.label)}"${close}:::${box.family}`;
}

function arrow(line: Line): string {
  const shaft = STROKES[line.flow].dashes === undefined ? "-->" : "-.->";
  const label = line.labels.length > 0 ? `|"${quoted(said(line))}"|` : "";
  return `${identifier(line.from)} ${shaft}${label} ${identifier(line.to)}`;
}

function subgraph(name: string, title: string, content: readonly string[], fill: string, stroke = fill): string[] {
  return [
    `subgraph ${name}["${quoted(title)}"]`,
    ...content.map(indented),
    "end",
    `style ${name} fill:${fill},stroke:${stroke},color:${INK}`,
  ];
}

/** "flows/dead-letters" as `flows__dead_letters`: no two ids in kebab case become one. */
function identifier(id: string): string {
  const plain = id.replaceAll("/", "__").replace(/\W/g, "_");
  return RESERVED.test(plain) ? `${plain}_` : plain;
}

function quoted(content: string): string {
  return content.replace(/[#"<>]/g, (character) => `#${String(character.charCodeAt(0))};`);
}

function indented(line: string): string {
  return `  ${line}`;
}
