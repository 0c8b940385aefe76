import { type Construct } from "constructs";
import { check } from "../checks";

/**
 * What outlives the death of a node; ElastiCache puts an empty one in its place.
 * - "none": everything is lost.
 * - "snapshots": what was written since the last daily snapshot is lost, up to a day; the rest comes back by hand, into a
 *   new cache that is made from the snapshot.
 * - "replica": a replica takes over in about a minute. What it had not yet received is lost, the writes of the last
 *   moment: Redis confirms a write before its replicas have it. With snapshots beside it, what is deleted by mistake comes back too.
 */
export type Durability = "none" | "snapshots" | "replica";

const NO_FILE = "ElastiCache has had no append-only file since Redis 2.8.22";
const INSTEAD =
  'Take snapshotDays, or a replica with failover (durability: "replica"), or MemoryDB where no write may be lost.';

/** Checks that a cache of these numbers keeps what it promises. More than the promise is fine. */
export function checkDurability(
  scope: Construct,
  what: (setting: string) => string,
  { durability, replicas, snapshotDays }: { durability: Durability; replicas: number; snapshotDays: number },
): void {
  switch (durability) {
    case "none":
      return;
    case "snapshots":
      check(scope, snapshotDays >= 1, {
        what: what("durability: snapshots"),
        got: `snapshotDays: ${String(snapshotDays)}`,
        expected: "snapshotDays of 1 or more",
        fix: 'Keep snapshots for a day at least, or say durability: "none".',
      });
      return;
    case "replica":
      check(scope, replicas >= 1, {
        what: what("durability: replica"),
        got: `replicas: ${String(replicas)}`,
        expected: "1 replica or more",
        fix: 'Take a replica, or say durability: "snapshots" or "none".',
      });
      return;
    default: {
      const got: unknown = durability;
      const wantsFile = /append|aof/i.test(String(got));
      check(scope, false, {
        what: what("durability"),
        got,
        expected: `"none", "snapshots" or "replica"${wantsFile ? `: ${NO_FILE}` : ""}`,
        fix: wantsFile ? INSTEAD : "Say what may be lost when a node dies.",
      });
    }
  }
}

/** Checks that no parameter asks for the file that there is not. */
export function checkNoAppendOnlyFile(
  scope: Construct,
  what: (setting: string) => string,
  parameters: Readonly<Record<string, unknown>>,
): void {
  for (const name of Object.keys(parameters).filter((key) => /^append|^aof/i.test(key))) {
    check(scope, false, {
      what: what(`parameters: ${name}`),
      got: parameters[name],
      expected: `no append-only file: ${NO_FILE.replace(" no append-only file", " none")}`,
      fix: `Leave it out. ${INSTEAD}`,
    });
  }
}
