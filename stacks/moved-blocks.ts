import { type App, TerraformElement, TerraformResource, TerraformStack } from "cdktf";
import { sentence } from "../modules/checks";
import { type Move } from "./moves";

/** What Terraform reads: the state's `from` is the code's `to`. */
export interface MovedBlock {
  readonly from: string;
  readonly to: string;
}

const isPath = (value: unknown): boolean => typeof value === "string" && /^[a-z0-9-]+(\/[a-z0-9-]+)*$/.test(value);
const PATH = 'a path of ids, such as "api/scaling"';

/** What each field of an entry may be. Without zod, which would be loaded with every stack, for a list that is mostly empty. */
const FIELDS: Readonly<Record<keyof Move, readonly [expected: string, isSo: (value: unknown) => boolean]>> = {
  from: [PATH, isPath],
  to: [PATH, isPath],
  since: [
    "a date, such as 2026-02-17",
    (value) => /^\d{4}-\d{2}-\d{2}$/.test(String(value)) && !isNaN(Date.parse(String(value))),
  ],
  why: ["a reason", (value) => typeof value === "string" && value !== ""],
  names: ["kept or new", (value) => value === "kept" || value === "new"],
};

/**
 * Renders a system's moves as `moved` blocks, one for each resource that this environment has below a move's `to`. A
 * state that missed a move follows the chain: after a → b and b → c, both a and b become c.
 */
export class MovedBlocks extends TerraformElement {
  private readonly malformed: readonly string[];
  private readonly moves: readonly Move[];

  /** @param list as its author finds it: "stacks/moves.ts: flow-builder" */
  constructor(
    scope: TerraformStack,
    id: string,
    private readonly list: string,
    moves: readonly Move[],
  ) {
    super(scope, id);
    this.malformed = moves.flatMap((move, index) => malformed(move, `${list}: ${String(index)}`));
    this.moves = wellFormed(moves);
    this.node.addValidation({ validate: () => this.errors() });
  }

  override toTerraform(): unknown {
    const moved = this.blocks();
    return moved.length > 0 ? { moved } : {};
  }

  /** Those whose `to` is in none of an app's environments. */
  static strays(app: App): string[] {
    const all = app.node.findAll().filter((node) => node instanceof MovedBlocks);
    return [...new Map(all.map((one) => [one.list, one])).values()].flatMap(({ list, moves }) => {
      const used = new Set(all.filter((one) => one.list === list).flatMap((one) => one.blocks().map(({ to }) => to)));
      return moves
        .filter(
          ({ to }) => !moves.some(({ from }) => from === to) && ![...used].some((address) => isAt(to, idsOf(address))),
        )
        .map(({ from, to }) =>
          sentence({
            what: `${list}: ${from} → ${to}`,
            got: `no resource at ${to} in any environment`,
            expected: "a construct of the stack",
            fix: `Write its path now, or remove the entry when ${from} is to be deleted.`,
          }),
        );
    });
  }

  private blocks(): MovedBlock[] {
    if (this.moves.length === 0) return [];
    return this.resources().flatMap(({ type, ids }) =>
      this.origins(ids).map(([from, to]) => ({ from: `${type}.${from.join("_")}`, to: `${type}.${to.join("_")}` })),
    );
  }

  /** Where a resource was, step by step back. No move is taken twice, so that a circle ends. */
  private origins(ids: readonly string[], moves = this.moves): [from: string[], to: readonly string[]][] {
    const [move] = moves.filter(({ to }) => isAt(to, ids)).sort((a, b) => b.to.length - a.to.length);
    if (move === undefined) return [];
    const from = [...move.from.split("/"), ...ids.slice(move.to.split("/").length)];
    return [
      [from, ids],
      ...this.origins(
        from,
        moves.filter((other) => other !== move),
      ),
    ];
  }

  private resources(): { type: string; ids: string[] }[] {
    return TerraformStack.of(this)
      .node.findAll()
      .filter((node) => TerraformResource.isTerraformResource(node))
      .map(({ terraformResourceType: type, friendlyUniqueId }) => ({ type, ids: friendlyUniqueId.split("_") }));
  }

  private errors(): string[] {
    if (this.moves.length === 0) return [...this.malformed];
    const there = new Set(this.resources().map(({ type, ids }) => `${type}.${ids.join("_")}`));
    return [
      ...this.moves.flatMap((move) => this.contradictions(move)),
      ...this.blocks()
        .filter(({ from }) => there.has(from))
        .map(({ from, to }) =>
          sentence({
            what: `${this.list}: ${from} → ${to}`,
            got: `both in the stack`,
            expected: `${from} to be gone`,
            fix: "Remove the entry, or give the new construct at the old path another id.",
          }),
        ),
    ];
  }

  private contradictions({ from, to }: Move): string[] {
    const what = `${this.list}: ${from} → ${to}`;
    const leads = this.moves.filter((other) => other.to === to);
    const leaves = this.moves.filter((other) => other.from === from);
    const fix = "Keep one of them.";
    return [
      ...(leads.length > 1
        ? [sentence({ what, got: `${String(leads.length)} that end there`, expected: "one", fix })]
        : []),
      ...(leaves.length > 1
        ? [sentence({ what, got: `${String(leaves.length)} from there`, expected: "one", fix })]
        : []),
      ...(this.comesBack(from, to)
        ? [
            sentence({
              what,
              got: "a way back to where it was",
              expected: "an end",
              fix: "Remove those that were taken back.",
            }),
          ]
        : []),
    ];
  }

  private comesBack(start: string, at: string, steps = this.moves.length): boolean {
    if (at === start) return true;
    const next = this.moves.find(({ from }) => from === at);
    return next !== undefined && steps > 0 && this.comesBack(start, next.to, steps - 1);
  }
}

/** The moves whose names in AWS are kept: the path now → the path that the names say. */
export function keptNames(moves: readonly Move[]): Readonly<Record<string, string>> {
  const kept = wellFormed(moves).filter(({ names }) => names === "kept");
  return Object.fromEntries(kept.map(({ from, to }) => [to, from]));
}

function wellFormed(moves: readonly Move[]): readonly Move[] {
  return moves.every((move) => malformed(move, "").length === 0) ? moves : [];
}

function malformed(move: Move, what: string): string[] {
  const known = Object.keys(FIELDS) as (keyof Move)[];
  const fix = "Write it as the others.";
  if (typeof move !== "object" || move === null) return [sentence({ what, got: move, expected: "an entry", fix })];
  return [
    ...known
      .map((field) => ({ field, got: move[field], rule: FIELDS[field] }))
      .filter(({ got, rule: [, isSo] }) => !isSo(got))
      .map(({ field, got, rule: [expected] }) => sentence({ what: `${what}.${field}`, got, expected, fix })),
    ...Object.keys(move)
      .filter((field) => !Object.hasOwn(FIELDS, field))
      .map((got) => sentence({ what, got, expected: known.join(", "), fix })),
  ];
}

/** Whether ids are a path's or of something below it. */
function isAt(path: string, ids: readonly string[]): boolean {
  return `${ids.join("/")}/`.startsWith(`${path}/`);
}

function idsOf(address: string): string[] {
  return address.replace(/^[^.]*\./, "").split("_");
}
