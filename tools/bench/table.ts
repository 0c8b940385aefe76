/** A figure beside its goal. */
export interface Row {
  readonly what: string;
  /** What was measured, with its unit. */
  readonly figure: string;
  /** @default none */
  readonly goal?: string;
  readonly met?: boolean;
}

/** Rows as plain text, in columns. */
export function table(rows: readonly Row[]): string {
  const cells = rows.map(({ what, figure, goal = "", met }) => [
    what,
    figure,
    goal,
    met === undefined ? "" : met ? "met" : "NOT MET",
  ]);
  const all = [["", "measured", "goal", ""], ...cells];
  const widths = all[0]?.map((_, column) => Math.max(...all.map((row) => row[column]?.length ?? 0))) ?? [];
  return all
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join("  ")
        .trimEnd(),
    )
    .join("\n");
}
