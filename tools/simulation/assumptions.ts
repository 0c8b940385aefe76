/**
 * What AWS documents no figure for, and what its documents say in two ways. Each has a range; what is claimed of a
 * stack must hold at both ends.
 */
export interface Assumptions {
  /** Seconds from the end of a minute until alarms see what was measured in it. Assumed: 0 to 120. */
  readonly publication: { readonly sqs: number; readonly ecs: number; readonly elb: number };
  /** The second of each minute at which SQS and ECS look. Assumed: 0 to 59. */
  readonly sampledAt: number;
  /**
   * Data points that an alarm retrieves beyond its evaluation periods. AWS says that there are some, and shows 2 for 3
   * periods. Assumed: 2 to 5.
   * https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/AlarmThatSendsEmail.html#alarms-evaluating-missing-data
   */
  readonly extraDataPoints: number;
  /** Seconds from the wish for a task until it runs on Fargate: capacity, network interface, image, start. Assumed: 20 to 180. */
  readonly taskStart: number;
  /**
   * Seconds until a queue that was inactive sends metrics again. Documented: up to 900.
   * https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/monitoring-using-cloudwatch.html
   */
  readonly activation: number;
  /**
   * Whether SQS sends 0 for messages in flight, or nothing. Its guide said "a non-negative value is reported if the
   * queue is active" and now says "reported if in-flight messages exist".
   * https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-available-cloudwatch-metrics.html
   */
  readonly sendsNoneInFlight: boolean;
  /** Whether FILL fills a metric that has no data point at all in the range. Not documented. */
  readonly fillsEmptySeries: boolean;
  /** Whether a cooldown holds for the policy that caused it or for all of the service's. The guide speaks of "the policy". */
  readonly cooldownOf: "policy" | "service";
  /** The value that picks the step when an alarm looks at several data points. Not documented. */
  readonly stepBy: "latest" | "maximum";
  /** Minutes above its target until target tracking adds tasks. Not documented; DynamoDB's guide says 2, others see 3. */
  readonly trackingHigh: number;
  /** How far target tracking goes in one step down. Documented: "more gradually" than up. */
  readonly trackingDown: "one task" | "proportionally";
}

/** What one usually sees. */
export const USUAL: Assumptions = {
  publication: { sqs: 60, ecs: 60, elb: 60 },
  sampledAt: 30,
  extraDataPoints: 2,
  taskStart: 60,
  activation: 600,
  sendsNoneInFlight: true,
  fillsEmptySeries: true,
  cooldownOf: "policy",
  stepBy: "maximum",
  trackingHigh: 3,
  trackingDown: "proportionally",
};

/** The two ends of each range. */
export const ENDS = {
  sqs: [0, 120],
  ecs: [0, 120],
  elb: [0, 120],
  sampledAt: [0, 59],
  extraDataPoints: [2, 5],
  taskStart: [20, 180],
  activation: [0, 900],
  sendsNoneInFlight: [true, false],
  fillsEmptySeries: [true, false],
  cooldownOf: ["policy", "service"],
  stepBy: ["latest", "maximum"],
  trackingHigh: [2, 3],
  trackingDown: ["one task", "proportionally"],
} as const;

export type Ends = { readonly [Name in keyof typeof ENDS]: (typeof ENDS)[Name][number] };

export function assume({ sqs, ecs, elb, ...rest }: Ends): Assumptions {
  return { publication: { sqs, ecs, elb }, ...rest };
}

/** All that AWS documents, at its best: what the stated bounds are made of before the delays that it does not document. */
export const PROMPT: Assumptions = { ...USUAL, publication: { sqs: 0, ecs: 0, elb: 0 } };

/**
 * Seconds after which an alarm has certainly seen what came: AWS measures once a minute, looks once a minute at minutes
 * that are over, and publishes late.
 */
export function knownAfter({ kind }: { readonly kind: "messages" | "requests" }, { publication }: Assumptions): number {
  const late = kind === "messages" ? publication.sqs : publication.elb;
  return 120 + minutesLate(late) * 60;
}

/** The whole minutes by which a delay of so many seconds puts off an alarm, which is evaluated once a minute. */
function minutesLate(seconds: number): number {
  return Math.ceil(seconds / 60);
}
