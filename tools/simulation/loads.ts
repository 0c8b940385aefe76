import { type Load, type MessageLoad, type RequestLoad } from "./load";

const HOUR = 3600;
const MINUTE = 60;

const messages = (load: Omit<MessageLoad, "kind">): MessageLoad => ({ kind: "messages", ...load });
const requests = (load: Omit<RequestLoad, "kind">): RequestLoad => ({ kind: "requests", ...load });

/** The loads that `npm run simulate` shows, and whose figures the tests hold. */
export const loads: readonly Load[] = [
  messages({
    name: "one-message",
    description: "one message of 30 s after an hour, on a queue that is called every minute",
    seconds: 2 * HOUR,
    arrivals: [{ at: HOUR + 1, count: 1 }],
    secondsEach: 30,
  }),
  messages({
    name: "untouched",
    description: "one message of 30 s on a queue that nobody has called for a long time",
    seconds: 2 * HOUR,
    arrivals: [{ at: HOUR + 1, count: 1 }],
    secondsEach: 30,
    touchedEvery: 0,
  }),
  messages({
    name: "burst",
    description: "10,000 messages of 1 s at once",
    seconds: 4 * HOUR,
    arrivals: [{ at: 30 * MINUTE + 1, count: 10_000 }],
    secondsEach: 1,
  }),
  messages({
    name: "long-work",
    description: "21 messages that take half an hour each and hardly any CPU",
    seconds: 7 * HOUR,
    arrivals: [{ at: 10 * MINUTE, count: 21 }],
    secondsEach: 30 * MINUTE,
    cpu: 3,
  }),
  messages({
    name: "trickle",
    description: "a message of 20 s every 90 s for two hours",
    seconds: 3 * HOUR,
    arrivals: Array.from({ length: 80 }, (_, index) => ({ at: 10 * MINUTE + index * 90, count: 1 })),
    secondsEach: 20,
  }),
  messages({
    name: "sqs-silent",
    description: "one message of an hour and a half, while SQS sends no metrics for half an hour",
    seconds: 3 * HOUR,
    arrivals: [{ at: 10 * MINUTE, count: 1 }],
    secondsEach: 1.5 * HOUR,
    outage: [0.75 * HOUR, 1.25 * HOUR],
  }),
  requests({
    name: "first-call",
    description: "one request after an hour, tried again every 5 s until there is an answer and then left alone",
    seconds: 3 * HOUR,
    segments: [{ from: HOUR + 1, to: HOUR + 8 * MINUTE, perMinute: 12 }],
  }),
  requests({
    name: "once-a-minute",
    description: "a request a minute for two hours",
    seconds: 3.5 * HOUR,
    segments: [{ from: 10 * MINUTE, to: 130 * MINUTE, perMinute: 1 }],
  }),
  requests({
    name: "busy",
    description: "requests that need one and a half tasks for an hour, then a few for two hours, then none",
    seconds: 4.5 * HOUR,
    segments: [
      { from: 20 * MINUTE, to: 80 * MINUTE, perMinute: 120, cpu: 150 },
      { from: 80 * MINUTE, to: 200 * MINUTE, perMinute: 30, cpu: 10 },
    ],
  }),
  requests({
    name: "rush",
    description: "requests that need six tasks for an hour",
    seconds: 4 * HOUR,
    segments: [
      { from: 20 * MINUTE, to: 40 * MINUTE, perMinute: 60, cpu: 30 },
      { from: 40 * MINUTE, to: 100 * MINUTE, perMinute: 240, cpu: 600 },
      { from: 100 * MINUTE, to: 160 * MINUTE, perMinute: 60, cpu: 30 },
    ],
  }),
];
