/** What somebody does to the service, from outside of its scaling. */
export interface Intervention {
  readonly at: number;
  /** Sets the desired count, as `aws ecs update-service` does, or the scalable target's minimum. */
  readonly set: "desired" | "min";
  readonly to: number;
}

interface Common {
  readonly name: string;
  /** What happens, for a person. */
  readonly description: string;
  /** Seconds that are simulated. */
  readonly seconds: number;
  readonly interventions?: readonly Intervention[];
}

/** Messages for a worker, which works on one at a time. */
export interface MessageLoad extends Common {
  readonly kind: "messages";
  /** By time. */
  readonly arrivals: readonly { readonly at: number; readonly count: number }[];
  /** Seconds that a message takes. */
  readonly secondsEach: number;
  /** Percent of its CPU that a task uses while it has a message. @default 50 */
  readonly cpu?: number;
  /** Seconds between two calls that keep the queue's metrics alive. @default 60; 0: nobody calls */
  readonly touchedEvery?: number;
  /** Seconds from and to which SQS sends no metrics, by a fault of AWS. */
  readonly outage?: readonly [number, number];
}

/** Requests for an API. */
export interface RequestLoad extends Common {
  readonly kind: "requests";
  /** By time, without overlap; in between nobody calls. */
  readonly segments: readonly RequestSegment[];
  /** Percent of its memory that a task uses. @default 30 */
  readonly memory?: number;
}

export interface RequestSegment {
  readonly from: number;
  readonly to: number;
  readonly perMinute: number;
  /** What they need of CPU together, in percent of one task. @default 5 */
  readonly cpu?: number;
}

export type Load = MessageLoad | RequestLoad;

/** When the load itself changes: what scaling does soon after is no fight. */
export function changesOf(load: Load): number[] {
  const changes =
    load.kind === "messages" ? load.arrivals.map(({ at }) => at) : load.segments.flatMap(({ from, to }) => [from, to]);
  return [...changes, ...(load.interventions ?? []).map(({ at }) => at)];
}
