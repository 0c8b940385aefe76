import { FLOWS, type Flow } from "./arrow";
import { type Architecture, type Line, said } from "./architecture";
import { type Box } from "./boxes";
import { frameTitles, frames } from "./frames";
import { GLYPHS } from "./glyphs";
import { type Layout, type Point, type Rectangle, type Sizes, layout } from "./layout";
import { FONT, SMALL, area, boldWidth, escaped, halo, number, pair, text, textWidth } from "./markup";
import { FADED, FAMILIES, INK, STROKES } from "./palette";

const NAME = 14;
const ICON = 34;
const MARGIN = 24;
const HEADER = 58;
const LEGEND = 44;

const SIZES: Sizes = {
  box: ({ id, label }) => ({ width: ICON + 34 + Math.max(boldWidth(id, NAME), textWidth(label)), height: 54 }),
  line: (line) => ({ width: textWidth(said(line)) + 10, height: 18 }),
  title: (title) => ({ width: boldWidth(title), height: 20 }),
  strip: textWidth("internet gateway") + 8,
};

/** The picture, on a ground of its own so that it reads in light and dark; the same bytes on every machine. */
export async function svg(architecture: Architecture): Promise<string> {
  const { title, network, lines } = architecture;
  const placed = await layout(architecture, SIZES);
  const flows = (Object.keys(FLOWS) as Flow[]).filter((flow) => lines.some((line) => line.flow === flow));
  const content = Math.max(placed.width, boldWidth(title, 18), ...legendStarts(flows).slice(-1));
  const width = content + 2 * MARGIN;
  const height = HEADER + placed.height + LEGEND + MARGIN;
  const size = `viewBox="0 0 ${number(width)} ${number(height)}" width="${number(width)}" height="${number(height)}"`;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" ${size} role="img" aria-labelledby="title description" font-family="${FONT}" font-size="${String(SMALL)}">`,
    `<title id="title">${escaped(title)}</title>`,
    `<desc id="description">${escaped(described(lines))}</desc>`,
    `<defs>${flows.map(arrowhead).join("")}</defs>`,
    `<rect x="0.5" y="0.5" width="${number(width - 1)}" height="${number(height - 1)}" rx="12" fill="#ffffff" stroke="#d0d7de"/>`,
    text({ x: MARGIN, y: 34 }, title, `font-size="18" font-weight="600" fill="${INK}"`),
    `<g transform="translate(${number((width - placed.width) / 2)} ${String(HEADER)})">`,
    ...frames(placed),
    ...placed.lines.map(curve),
    ...frameTitles(placed, network),
    ...placed.boxes.map(({ box, at }) => card(box, at)),
    ...placed.lines.flatMap(({ line, label }) => (label ? [lineLabel(line, label)] : [])),
    "</g>",
    ...legend(flows, height - LEGEND / 2 - 4),
    "</svg>",
    "",
  ].join("\n");
}

function card({ id, label, family, glyph }: Box, at: Rectangle): string {
  const icon = { x: at.x + 10, y: at.y + (at.height - ICON) / 2 };
  const left = icon.x + ICON + 12;
  return [
    `<rect ${area(at)} rx="8" fill="#ffffff" stroke="#afb8c1"/>`,
    `<rect ${area({ ...icon, width: ICON, height: ICON })} rx="6" fill="${FAMILIES[family]}"/>`,
    `<g transform="translate(${pair({ x: icon.x + 5, y: icon.y + 5 })})" fill="none" stroke="#ffffff" stroke-width="1.7" stroke-linecap="round" stroke-linejoin="round">${GLYPHS[glyph]}</g>`,
    text({ x: left, y: at.y + 24 }, id, `font-size="${String(NAME)}" font-weight="600" fill="${INK}"`),
    text({ x: left, y: at.y + 41 }, label, `fill="${FADED}"`),
  ].join("");
}

function curve({ line: { flow }, curve: [start, ...rest], end }: Layout["lines"][number]): string {
  return `<path d="M${pair(start ?? end)}C${rest.map(pair).join(" ")}L${pair(end)}" ${stroke(flow)}/>`;
}

function lineLabel(line: Line, { x, y }: Point): string {
  const fill = STROKES[line.flow].colour;
  return text({ x, y: y + 4 }, said(line), `text-anchor="middle" fill="${fill}" ${halo("#ffffff")}`);
}

function stroke(flow: Flow): string {
  const { colour, dashes } = STROKES[flow];
  const dashed = dashes === undefined ? "" : ` stroke-dasharray="${dashes}"`;
  return `fill="none" stroke="${colour}" stroke-width="1.6"${dashed} marker-end="url(#${flow})"`;
}

function arrowhead(flow: Flow): string {
  return `<marker id="${flow}" viewBox="0 0 10 10" refX="9" refY="5" markerWidth="10" markerHeight="10" markerUnits="userSpaceOnUse" orient="auto"><path d="M0 1L10 5L0 9z" fill="${STROKES[flow].colour}"/></marker>`;
}

function legend(flows: readonly Flow[], y: number): string[] {
  return legendStarts(flows).flatMap((start, index) => {
    const flow = flows[index];
    if (flow === undefined) return [];
    const x = MARGIN + start;
    const sample = `<path d="M${pair({ x, y })}H${number(x + 30)}" ${stroke(flow)}/>`;
    return [sample, text({ x: x + 38, y: y + 4 }, FLOWS[flow], `fill="${FADED}"`)];
  });
}

/** Where each entry begins, and where the last one ends. */
function legendStarts(flows: readonly Flow[]): number[] {
  return flows.reduce<number[]>(
    (starts, flow) => [...starts, Number(starts.at(-1)) + 60 + textWidth(FLOWS[flow])],
    [0],
  );
}

/** For who cannot see it: every line as a sentence. */
function described(lines: readonly Line[]): string {
  const sentence = (line: Line): string => `${line.from} to ${line.to}: ${said(line) || FLOWS[line.flow]}.`;
  return lines.map(sentence).join(" ");
}
