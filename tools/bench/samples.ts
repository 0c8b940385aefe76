/** What one run of a command took, with all that it started. */
export interface Measure {
  /** Seconds, user and system. */
  readonly cpu: number;
  /** Seconds. */
  readonly wall: number;
  /** Resident memory of its largest process, MB. */
  readonly memory: number;
}

/** The middle value, or the mean of the two in the middle. */
export function median(values: readonly number[]): number {
  if (values.length === 0) throw new RangeError("There is no median of nothing.");
  const sorted = [...values].sort((a, b) => a - b);
  const middle = (sorted.length - 1) / 2;
  return ((sorted[Math.floor(middle)] as number) + (sorted[Math.ceil(middle)] as number)) / 2;
}

/** The runs of several commands that took turns: the first runs of all of them, then the second ones. */
export class Samples {
  private readonly runs = new Map<string, Measure[]>();

  /** @param yardstick the command that others are compared with */
  constructor(private readonly yardstick: string) {}

  add(command: string, measure: Measure): void {
    this.runs.set(command, [...this.of(command), measure]);
  }

  of(command: string): readonly Measure[] {
    return this.runs.get(command) ?? [];
  }

  /** The median of one figure. */
  median(command: string, figure: keyof Measure): number {
    return median(this.of(command).map((run) => run[figure]));
  }

  /**
   * How often the yardstick's CPU time goes into a command's. Compared run by run, since those were made at the same
   * time on an equally busy machine; then the median.
   */
  ratio(command: string): number {
    const yardstick = this.of(this.yardstick);
    return median(this.of(command).map(({ cpu }, round) => cpu / (yardstick[round] as Measure).cpu));
  }

  toJSON(): Record<string, readonly Measure[]> {
    return Object.fromEntries(this.runs);
  }
}
