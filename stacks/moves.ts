/** A construct that got another place or id in a stack: what it made must not be deleted and made again. */
export interface Move {
  /** Its path before, as ids from the stack down: "flows", "api/scaling". */
  readonly from: string;
  /** Its path now. Everything that is made below it moves along. */
  readonly to: string;
  /** The day of the change, 2026-02-17: when every state has been applied since, an entry with new names may go. */
  readonly since: string;
  readonly why: string;
  /**
   * `kept`: AWS names stay as the old path makes them, in every deployment, for as long as this entry is here: what holds
   * data stays in place. `new`: they follow the path, which replaces whatever AWS cannot rename.
   */
  readonly names: "kept" | "new";
}

/** By system, in the order in which they happened. `state` is the state stacks'. CONTRIBUTING.md says how. */
export const moves: Readonly<Record<string, readonly Move[]>> = {
  "flow-builder": [],
};
