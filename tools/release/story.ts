import { UsageError } from "../../deployment";
import { Failure, Interrupted, failureOf, nextAfter } from "../support/failure";
import { stateLock } from "../support/state-lock";
import type { Session } from "./session";

/** How far a release is, as somebody reads it after it broke off. */
export const CHAPTERS = {
  begun: "Nothing was changed.",
  repositories: "The repositories and some images may be there; nothing that runs was changed.",
  prepared: "The images are in their repositories; nothing that runs was changed.",
  infrastructure: "The infrastructure is applied in part. The services run the images that they ran.",
  migrating: "The infrastructure is applied, the migration perhaps in part. The services run the images that they ran.",
  pointing:
    "The infrastructure is applied and the database migrated. The pointers may name the new images already; the services run what they ran.",
  unpointed:
    "The infrastructure is applied and the database migrated. The services run what they ran, and the pointers name that again.",
  rolling: "The pointers name the new images, and some services may run them already.",
  proving: "The services have the new images, which were not all seen to run.",
  failed: "The release failed; the pointers may still name the new images, and some services run them.",
  restoring:
    "The release failed, and going back was not finished: the pointers name the earlier images, some services may still have the new ones. The next release goes on from what runs.",
  restored: "The services run the images that they ran before; the infrastructure and the migration stay.",
  shifting:
    "All is released but functions: of those, new versions may have none or a part of their traffic, and the earlier ones the rest.",
  done: "",
} as const;

/** A stopped provider gives up what it was creating: the next plan would replace it, which check-plan refuses for what holds data. */
const TAINTED = "What was being made may count as broken: the doctor says what mends it without making it anew.";

/** What a release has come to. */
export class Story {
  chapter: keyof typeof CHAPTERS = "begun";

  /** An error with how things stand and the next command. Our own mistakes stay as they are, with their stack trace. */
  async ended(error: unknown, session: Session): Promise<unknown> {
    const { again, log } = session;
    const known = error instanceof UsageError ? error : failureOf(error);
    if (known === undefined) return error;
    const advice = known instanceof Failure ? known.advice : {};
    if (!(known instanceof Interrupted)) {
      const said = known.message.includes(CHAPTERS.begun) ? [] : [this.state].filter(Boolean);
      // What was asked for wrongly would fail again.
      const next = known instanceof Failure ? again : nextAfter(known);
      return new Failure([known.message, ...said].join("\n"), { log, ...(next && { next }), ...advice });
    }
    const goOn = `Then go on with ${again}.`;
    const doctor = { log, next: `npm run doctor -- ${session.environment}` };
    if (await this.isLocked(session)) {
      return new Interrupted(
        `Interrupted. ${this.state} Terraform's lock on the state is still held: the doctor says how it is freed. ${goOn}`,
        doctor,
      );
    }
    if (this.chapter === "infrastructure")
      return new Interrupted(`Interrupted. ${this.state} ${TAINTED} ${goOn}`, doctor);
    return new Interrupted(`Interrupted. ${this.state}`.trim(), { log, next: again });
  }

  /** Not before the synth, nor where AWS does not answer: then the next run finds out. */
  private async isLocked(session: Session): Promise<boolean> {
    try {
      return (await stateLock(session.clients, session.stack)) !== undefined;
    } catch {
      return false;
    }
  }

  get state(): string {
    return CHAPTERS[this.chapter];
  }
}
