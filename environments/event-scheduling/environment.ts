import type { DatabaseSize, Environment } from "../environment";

/** What an environment of Event Scheduling says beside what every environment does. */
export interface EventSchedulingEnvironment extends Environment {
  readonly database: DatabaseSize;
  readonly functions: {
    /** MiB of each function; CPU comes with it. */
    readonly memory: number;
    /** Whether X-Ray records where runs spend their time. */
    readonly tracing: boolean;
    /** How new versions get their traffic. @default all of it with the apply */
    readonly shift?: "Canary10Percent10Minutes" | "Canary10Percent15Minutes" | "Linear10PercentEvery3Minutes";
    /** Runs at a time that are kept for each function; needs an account's quota of 1000. @default the account's quota */
    readonly reserved?: { readonly api: number; readonly scheduler: number; readonly delivery: number };
  };
  readonly api: {
    /** Above which callers get a 429: requests a second in the long run, and how many at once. */
    readonly throttle: { readonly rate: number; readonly burst: number };
  };
  readonly delivery: {
    /** Batches of webhooks under way at a time, 2 to 1000: what receivers, and the database, may get. */
    readonly concurrency: number;
  };
  readonly scheduler: {
    /** Delivers nothing until it is false again; events are taken all the same. */
    readonly paused: boolean;
  };
}
