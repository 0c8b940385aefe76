/** One CloudWatch metric. Dimensions by name: `{ QueueName: queue.name }`. */
export interface Metric {
  readonly namespace: string;
  readonly name: string;
  readonly dimensions: Readonly<Record<string, string>>;
  /** "Sum", "Average", "Maximum", "Minimum", or a percentile: "p99". */
  readonly statistic: string;
}

/**
 * An alarm as data: a module says what is worth waking somebody for, `Monitoring.watch()` makes the alarm of it.
 */
export interface AlarmSpec {
  /** The alarm's id below its construct, kebab-case: "dead-letters". */
  readonly id: string;
  /** For the person on call: what happened, and where to look first. */
  readonly description: string;
  readonly metric: Metric;
  /** The alarm goes off above this value (below it, with `when: "below"`), in the metric's unit. */
  readonly threshold: number;
  /** @default "above" */
  readonly when?: "above" | "below";
  /** Minutes in a row that the metric must be over the threshold; one data point a minute, or as `every` says. */
  readonly minutes: number;
  /** Minutes from one data point to the next, where AWS sends none in between: CPU credits every 5. @default 1 */
  readonly every?: number;
  /** What no data means: "quiet" (nothing happens, all is well) or "alarm" (silence is itself a failure). @default "quiet" */
  readonly missing?: "quiet" | "alarm";
  /** "critical" wakes somebody at night; "warning" is read in the morning. */
  readonly severity: "critical" | "warning";
}

/** One graph of the dashboard: its title and what it shows. */
export interface Graph {
  readonly title: string;
  readonly metrics: readonly (Metric & { readonly label?: string })[];
  /** "Seconds", "Percent", "Count": the label of the left axis. @default the metric's own */
  readonly unit?: string;
}

/** Something that can be watched: what it calls itself, what to alarm on, what to show. */
export interface Monitored {
  alarms(): AlarmSpec[];
  /** The graphs of its row on the dashboard, four at most. */
  graphs(): Graph[];
}
