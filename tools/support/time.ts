const UNITS = [
  { unit: "days", seconds: 86_400 },
  { unit: "hours", seconds: 3600 },
  { unit: "minutes", seconds: 60 },
] as const;

/** "2026-11-21 12:03:44 UTC (14 minutes ago)". */
export function since(time: Date, now = new Date()): string {
  return `${stamp(time)} (${age(time, now)} ago)`;
}

/** "14 minutes". */
export function age(time: Date, now = new Date()): string {
  const seconds = Math.max(0, Math.round((now.getTime() - time.getTime()) / 1000));
  const larger = UNITS.find((unit) => seconds >= 2 * unit.seconds);
  return larger ? `${String(Math.floor(seconds / larger.seconds))} ${larger.unit}` : `${String(seconds)} seconds`;
}

/** "2026-11-21 12:03:44 UTC". */
export function stamp(time: Date): string {
  return time.toISOString().replace("T", " ").replace(/\..*/, " UTC");
}
