import { type Command } from "../support/shell";
import type { StackFolder } from "../support/stack-folder";
import { type Finding, fact, note, problem } from "./finding";
import type { StateVersion, StoredObject } from "../support/state-object";
import { stamp } from "../support/time";

export interface ChecksumQuestion {
  /** Whether somebody is at work, who may have written the one and not yet the other. */
  readonly busy: boolean;
  readonly state: StoredObject | undefined;
  /** The serial of the state, if it can be read. */
  readonly serial: number | undefined;
  /** What the table says; undefined without an item. */
  readonly digest: string | undefined;
  readonly versions: readonly StateVersion[];
  /** The serial of a version; undefined when it cannot be read. */
  readonly serialOf: (version: StateVersion) => Promise<number | undefined>;
}

/**
 * Whether the checksum in the lock table is the state's. Terraform refuses every command while it is another one's; it
 * asks for no checksum when there is none.
 */
export async function checksumFindings(
  stack: Pick<StackFolder, "bucket" | "key" | "lockTable">,
  { busy, state, serial, digest, versions, serialOf }: ChecksumQuestion,
): Promise<Finding[]> {
  if (digest === undefined) {
    if (!state) return [fact("Checksum", "none, as there is no state")];
    return [note("Checksum", "none: the lock table is new or was restored. The next apply writes it.")];
  }
  if (state?.md5 === digest) return [fact("Checksum", "fits the state")];
  if (busy) return [note("Checksum", "does not fit the state now, which is still being worked on")];
  const drop = dropChecksum(stack);
  const of = versions.find(({ md5 }) => md5 === digest);
  if (!state) {
    if (versions.some(({ deleted }) => !deleted)) {
      return [note("Checksum", "is of a state that was deleted")];
    }
    return [
      problem(
        "Checksum",
        "is of a state of which no version is left. Terraform refuses to begin anew until it is deleted; what ran still runs, and has to be imported:",
        drop,
      ),
    ];
  }
  return [problem("Checksum", await whose(of, serial, serialOf), drop)];
}

async function whose(
  of: StateVersion | undefined,
  serial: number | undefined,
  serialOf: ChecksumQuestion["serialOf"],
): Promise<string> {
  if (!of) {
    return "is of no version of the state that the bucket has: the state was written by another way than Terraform's, or the table comes from a backup. When the state above is the right one, delete the checksum; the next apply writes it again:";
  }
  const other = await serialOf(of);
  const version = `version ${of.id} of ${stamp(of.written)}${other === undefined ? "" : `, serial ${String(other)}`}`;
  if (serial !== undefined && other !== undefined && other > serial) {
    return `is of a later state (${version}): an older one was restored. When that was meant, delete the checksum; the next apply writes it again:`;
  }
  return `is of the state before (${version}): Terraform was killed between writing the state and its checksum, or the state was copied by hand. The state is the later one; delete the checksum, and the next apply writes it again:`;
}

function dropChecksum({ bucket, key, lockTable }: Pick<StackFolder, "bucket" | "key" | "lockTable">): Command {
  const item = JSON.stringify({ LockID: { S: `${bucket}/${key}-md5` } });
  return ["aws", "dynamodb", "delete-item", "--table-name", lockTable, "--key", item];
}
