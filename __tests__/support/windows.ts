import { type Arguments } from "./synth";

/** Expects that a daily window, "02:00-03:00", is over before a weekly one, "sun:03:30-sun:04:30", begins. */
export function expectApart(args: Arguments, daily: string, weekly: string): void {
  const [from = NaN, to = NaN] = minutes(args[daily]);
  const [begin = NaN, end = NaN] = minutes(args[weekly]);
  expect(from).toBeLessThan(to);
  expect(to).toBeLessThanOrEqual(begin);
  expect(begin).toBeLessThan(end);
}

function minutes(window: unknown): number[] {
  return [...String(window).matchAll(/(\d\d):(\d\d)/g)].map(([, hours, rest]) => Number(hours) * 60 + Number(rest));
}
