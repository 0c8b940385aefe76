const PLAN = /^Plan: (.*)\.$/;
const STARTED = /^(\S+?)(?: \(.*\))?: (?:Creating|Modifying|Destroying)\.\.\./;
const DONE = /^(\S+?)(?: \(.*\))?: (?:Creation|Modifications|Destruction|Import) complete/;
const REFRESHED = /^(\S+?)(?: \(.*\))?: Refreshing state/;

/** Follows what Terraform prints, also through cdktf, which puts the stack's name before a line. */
export class Progress {
  private total = 0;
  private done = 0;
  private refreshed = 0;
  /** What is under way, the longest first. */
  private readonly pending = new Set<string>();
  private message = "";

  /** Takes a line in. Returns whether there is something new to tell. */
  feed(printed: string): boolean {
    const before = this.message;
    this.read(terraformLine(printed));
    this.message = this.described();
    return this.message !== before;
  }

  /** "37 of 140 resources, waiting for aws_db_instance.database". */
  toString(): string {
    return this.message;
  }

  private read(line: string): void {
    const plan = PLAN.exec(line)?.[1];
    if (plan)
      this.total = [...plan.matchAll(/(\d+) to (?:add|change|destroy|import)/g)].reduce(
        (sum, [, n]) => sum + Number(n),
        0,
      );
    if (REFRESHED.test(line)) this.refreshed += 1;
    const started = STARTED.exec(line)?.[1];
    if (started) this.pending.add(started);
    const done = DONE.exec(line)?.[1];
    if (done) {
      this.pending.delete(done);
      this.done += 1;
    }
  }

  private described(): string {
    if (this.total === 0) return this.refreshed > 0 ? `${String(this.refreshed)} resources compared with AWS` : "";
    const [waiting] = this.pending;
    return `${String(this.done)} of ${String(this.total)} resources${waiting ? `, waiting for ${waiting}` : ""}`;
  }
}

/** A line as Terraform printed it: cdktf indents it, and puts the stack's name before the first of a batch. */
export function terraformLine(line: string): string {
  return line.replace(/^(?:[\w-]+-stack {2}| {11})/, "").trimEnd();
}

/** What the last plan says: whether it changes nothing, and its summary. */
export function planOutcome(lines: readonly string[]): { readonly empty: boolean; readonly summary: string } {
  const printed = lines.map(terraformLine);
  if (printed.some((line) => line.startsWith("No changes."))) return { empty: true, summary: "no changes" };
  const plan = printed.findLast((line) => PLAN.test(line)) ?? "The plan changes outputs only.";
  return { empty: false, summary: plan };
}
