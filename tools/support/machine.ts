import { randomUUID } from "node:crypto";
import { readFileSync, readlinkSync } from "node:fs";
import { hostname, userInfo } from "node:os";

/** "ada@laptop" */
export function me(): string {
  try {
    return `${userInfo().username}@${hostname()}`;
  } catch {
    return hostname(); // A user id without a name, as in some containers.
  }
}

/** Where nothing tells the machine from others of its name, as on macOS, each process counts as on one of its own. */
const UNKNOWN_MACHINE = `${hostname()} ${randomUUID()}`;

/**
 * This machine, told apart from others as far as it can be. Containers may share a host's name, but not its boot and their processes' numbers.
 */
export function thisMachine(): string {
  try {
    const boot = readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim();
    return `${hostname()} ${boot} ${readlinkSync("/proc/self/ns/pid")}`;
  } catch {
    return UNKNOWN_MACHINE;
  }
}
