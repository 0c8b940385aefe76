import { type Point, type Rectangle } from "./layout";

/** GitHub's own fonts, and what else there is. */
export const FONT =
  "-apple-system, BlinkMacSystemFont, 'Segoe UI', 'Noto Sans', Helvetica, Arial, 'DejaVu Sans', sans-serif";

export const SMALL = 11.5;
/** The width of a letter as a share of its height: of DejaVu Sans, the widest of the fonts. */
const LETTER = 0.61;
const BOLD_LETTER = 0.68;

export function textWidth(content: string, size = SMALL): number {
  return Math.ceil(content.length * size * LETTER);
}

export function boldWidth(content: string, size = SMALL): number {
  return Math.ceil(content.length * size * BOLD_LETTER);
}

export function text({ x, y }: Point, content: string, attributes: string): string {
  return `<text x="${number(x)}" y="${number(y)}" ${attributes}>${escaped(content)}</text>`;
}

/** What lies behind a text gives way to it. */
export function halo(colour: string): string {
  return `paint-order="stroke" stroke="${colour}" stroke-width="4" stroke-linejoin="round"`;
}

export function area({ x, y, width, height }: Rectangle): string {
  return `x="${number(x)}" y="${number(y)}" width="${number(width)}" height="${number(height)}"`;
}

export function pair({ x, y }: Point): string {
  return `${number(x)} ${number(y)}`;
}

export function number(value: number): string {
  return String(Math.round(value * 10) / 10);
}

export function escaped(content: string): string {
  return content.replace(/[&<>"]/g, (character) => `&#${String(character.charCodeAt(0))};`);
}
