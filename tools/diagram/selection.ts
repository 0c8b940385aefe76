import { Failure } from "../support/failure";
import { type Architecture } from "./architecture";
import { mermaid } from "./mermaid";

/** Mermaid's maxEdges and maxTextSize, beyond which GitHub draws nothing. */
const MAX_LINES = 500;
const MAX_CHARACTERS = 50_000;
/** As one row they are 40,000 pixels wide: nobody reads more. */
const MAX_BOXES = 200;

/**
 * Some parts of an architecture, and what they talk to.
 * @throws Failure for a part that there is not
 */
export function only(architecture: Architecture, parts: readonly string[], again: string): Architecture {
  const { boxes, lines } = architecture;
  const known = [...new Set(boxes.flatMap(({ part }) => (part === undefined ? [] : [part])))];
  const strange = parts.filter((part) => !known.includes(part));
  if (strange.length > 0) {
    throw new Failure(
      `--only: expected parts of the stack (${known.join(", ")}), got ${strange.map((part) => `"${part}"`).join(", ")}.`,
      { next: `${again} --only ${known[0] ?? ""}` },
    );
  }
  const chosen = new Set(boxes.filter(({ part = "" }) => parts.includes(part)).map(({ id }) => id));
  const kept = lines.filter(({ from, to }) => chosen.has(from) || chosen.has(to));
  const shown = new Set([...chosen, ...kept.flatMap(({ from, to }) => [from, to])]);
  return { ...architecture, boxes: boxes.filter(({ id }) => shown.has(id)), lines: kept };
}

/** @throws Failure when the picture would be too large to draw, with what makes it smaller */
export function checkSize(drawn: Architecture, again: string): void {
  const { title, boxes, lines } = drawn;
  const sizes = [
    { size: boxes.length, limit: MAX_BOXES, of: "boxes" },
    { size: lines.length, limit: MAX_LINES, of: "lines" },
    { size: mermaid(drawn).length, limit: MAX_CHARACTERS, of: "characters of Mermaid" },
  ];
  const excess = sizes.filter(({ size, limit }) => size > limit);
  if (excess.length === 0) return;
  const told = excess.map(({ size, limit, of }) => `${String(size)} ${of} (at most ${String(limit)})`);
  const part = boxes.find((box) => box.part !== undefined)?.part ?? "";
  throw new Failure(
    `${title} is too large to draw: ${told.join(", ")}. Draw one box a part (--depth 1), or some parts and what they talk to (--only).`,
    { next: `${again} --only ${part}` },
  );
}
