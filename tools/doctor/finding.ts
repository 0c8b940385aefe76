import type { Command } from "../support/shell";

/** The chapters of a diagnosis, in the order in which they are told and mended. */
export const CHAPTERS = [
  "State",
  "Working folder",
  "Lock",
  "Checksum",
  "Unsaved state",
  "Tainted",
  "Resources",
] as const;
export type Chapter = (typeof CHAPTERS)[number];

/**
 * What the doctor sees.
 * - fact: so it is, and it is well;
 * - note: not as it should be, but the next apply mends it, or nothing has to be done;
 * - problem: somebody has to do something before the next apply.
 */
export interface Finding {
  readonly chapter: Chapter;
  readonly level: "fact" | "note" | "problem";
  readonly text: string;
  /** What mends it, one after the other; each can be pasted into a shell in the project's folder. */
  readonly commands: readonly Command[];
  /** Mending it takes a lock away from whoever holds it. */
  readonly unlocks?: boolean;
}

export function fact(chapter: Chapter, text: string): Finding {
  return { chapter, level: "fact", text, commands: [] };
}

export function note(chapter: Chapter, text: string): Finding {
  return { chapter, level: "note", text, commands: [] };
}

export function problem(chapter: Chapter, text: string, ...commands: readonly Command[]): Finding {
  return { chapter, level: "problem", text, commands };
}
