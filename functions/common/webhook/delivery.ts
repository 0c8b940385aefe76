import { type SQSRecord } from "aws-lambda";
import { type Outcome, type WebhookClient } from "./client";
import { type Claim, type Ledger } from "./ledger";
import { type SourceQueue } from "./source-queue";

/**
 * Attempts that a row may begin whatever becomes of them: a row that ends the function at each attempt (so that none
 * is ever judged) must not come back for ever.
 */
const MAX_ATTEMPTS = 25;

/** A message that names no row: it will never mean anything. */
export class Unreadable extends Error {}

/** The message must come back; an attempt was made, or (`busy`) is under way elsewhere. */
export class Unfinished extends Error {
  constructor(
    message: string,
    readonly busy = false,
  ) {
    super(message);
  }
}

export type Result =
  | { readonly kind: "delivered"; readonly id: string; readonly attempt: number; readonly delay: number }
  | { readonly kind: "failed"; readonly id?: string; readonly reason: string }
  /** A second message for what is settled. */
  | { readonly kind: "dropped"; readonly id: string; readonly status: string };

export interface DeliveryParts {
  /** The row's id that a message stands for. @throws Unreadable */
  readonly idOf: (body: string) => Promise<string>;
  readonly ledger: Ledger;
  readonly client: Pick<WebhookClient, "post">;
  readonly queue: SourceQueue;
}

/**
 * Makes the attempt that a message asks for. Whatever breaks off in between, and however often SQS delivers it, a
 * webhook is posted under one key until it is settled, and ends delivered, or failed and in the dead-letter queue with
 * its reason: first the row says so, then the message goes there, then it is deleted.
 */
export class Delivery {
  constructor(private readonly parts: DeliveryParts) {}

  /** @throws Unfinished when there will be another attempt; what the database or SQS throws when they fail */
  async process(record: SQSRecord): Promise<Result> {
    const { ledger, queue } = this.parts;
    let id: string;
    try {
      id = await this.parts.idOf(record.body);
    } catch (error) {
      if (!(error instanceof Unreadable)) throw error;
      await queue.deadLetter(record, error.message);
      return { kind: "failed", reason: error.message };
    }
    const claim = await ledger.claim(id, queue.isRedriven(record));
    return claim.kind === "claimed" ? this.attempt(record, claim) : this.without(record, id, claim);
  }

  private async attempt(record: SQSRecord, claim: Claim & { kind: "claimed" }): Promise<Result> {
    const { ledger, client, queue } = this.parts;
    const { webhook, attempt, dueAt } = claim;
    const { id } = webhook;
    const outcome: Outcome = await client.post(webhook).catch(async (error: unknown) => {
      await ledger.unfinished(id, attempt, "the attempt could not be made");
      throw error;
    });
    if (outcome.kind === "delivered") {
      await ledger.delivered(id);
      return { kind: "delivered", id, attempt, delay: Date.now() - dueAt.getTime() };
    }
    const { reason } = outcome;
    if (outcome.kind === "hopeless" || queue.isLast(record) || attempt >= MAX_ATTEMPTS) {
      const told = outcome.kind === "hopeless" ? reason : `${reason} (attempt ${String(attempt)}, the last)`;
      await ledger.failed(id, attempt, told);
      await this.bury(record, id, told);
      return { kind: "failed", id, reason: told };
    }
    await ledger.unfinished(id, attempt, reason);
    await queue.pause(record, outcome.after);
    throw new Unfinished(`${id}: ${reason}`);
  }

  private async without(record: SQSRecord, id: string, claim: Exclude<Claim, { kind: "claimed" }>): Promise<Result> {
    const { queue } = this.parts;
    switch (claim.kind) {
      case "settled":
        return { kind: "dropped", id, status: claim.status };
      case "failed":
        await this.bury(record, id, claim.reason);
        return { kind: "failed", id, reason: claim.reason };
      case "busy":
        await queue.pause(record);
        throw new Unfinished(`${id}: another attempt is under way`, true);
      case "unknown":
        await queue.deadLetter(record, `${id} is not in the database`);
        return { kind: "failed", id, reason: "not in the database" };
    }
  }

  private async bury(record: SQSRecord, id: string, reason: string): Promise<void> {
    await this.parts.queue.deadLetter(record, reason);
    await this.parts.ledger.deadLettered(id);
  }
}
