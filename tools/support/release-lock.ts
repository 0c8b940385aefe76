import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import {
  type AttributeValue,
  DeleteItemCommand,
  DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  UpdateItemCommand,
} from "@aws-sdk/client-dynamodb";
import type { ClientConfig } from "./aws-clients";
import { Failure } from "./failure";
import { me, thisMachine } from "./machine";
import { isAlive } from "./processes";
import { found } from "./remote-state";
import type { StackFolder } from "./stack-folder";
import { since } from "./time";

/** Who changes a deployment, and since when. */
export interface Holder {
  /** "release" */
  readonly what: string;
  /** "ada@laptop" */
  readonly who: string;
  readonly since: Date;
  /** When it last said that it lives. */
  readonly beat: Date;
  readonly id: string;
  /** The machine, as far as it can be told from others, and the process on it. */
  readonly machine: string;
  readonly pid: number;
}

/** Held while a deployment is changed. */
export interface ReleaseLock {
  /** To be asked before each step that changes something. @throws Failure when the lock was lost meanwhile */
  check(): void;
}

interface Options {
  /** The command that is refused, to be run again. */
  readonly again: string;
  /** Told when a dead holder's lock is taken over. */
  readonly notice?: (message: string) => void;
  /** Milliseconds that a holder who seems dead has for a sign of life. @default 45 s: two beats */
  readonly patience?: number;
}

/** Milliseconds between two signs of life, and without one after which a holder counts as dead. */
const BEAT = 20_000;
const DEAD = 90_000;
/** Milliseconds: whoever lives has said so once more by then. */
const NEXT_BEAT = 2 * BEAT + 5_000;

type Place = Pick<StackFolder, "deployment" | "bucket" | "key" | "lockTable">;

/**
 * Does something that only one at a time may do with a deployment: a release, a promotion, a destroy. The lock is an item
 * of the table that Terraform's own locks are in; Terraform's is held for each apply only, this one for the whole. Needs the state stack.
 * @param what "release"
 * @throws Failure that names the holder, when somebody holds it who lives
 */
export async function withReleaseLock<T>(
  stack: Place,
  what: string,
  clients: ClientConfig,
  body: (lock: ReleaseLock) => Promise<T>,
  { again, notice = console.error, patience = NEXT_BEAT }: Options,
): Promise<T> {
  const lock = await HeldLock.take(stack, what, clients, again, notice, patience);
  try {
    return await body(lock);
  } finally {
    await lock.free();
  }
}

/** Who holds it; undefined when it is free, or there is no state stack yet. One who is dead holds it too, until it is taken over. */
export async function releaseHolder(stack: Place, clients: ClientConfig): Promise<Holder | undefined> {
  const request = new GetItemCommand({ TableName: stack.lockTable, Key: keyOf(stack), ConsistentRead: true });
  const item = (await found(new DynamoDBClient(clients).send(request)))?.Item;
  return item && holderOf(item);
}

/** Likewise, but only one who lives: nobody has to wait for a dead one. */
export async function livingHolder(stack: Place, clients: ClientConfig): Promise<Holder | undefined> {
  const holder = await releaseHolder(stack, clients);
  return holder && !isDead(holder) ? holder : undefined;
}

/** Whether the holder gave no sign of life for 90 seconds; or was a process of this machine, and is no more. */
export function isDead({ beat, machine, pid }: Holder, now = new Date(), alive = isAlive): boolean {
  if (wasHere({ machine }) && !alive(pid)) return true;
  return now.getTime() - beat.getTime() > DEAD;
}

/** Whether it was a process of this machine. */
function wasHere({ machine }: Pick<Holder, "machine">): boolean {
  return machine === thisMachine();
}

/** "a release of wo-dev by ada@laptop runs since 2026-11-21 12:03:44 UTC (14 minutes ago)". */
export function described({ deployment }: Pick<Place, "deployment">, holder: Holder, now = new Date()): string {
  return `a ${holder.what} of ${deployment} by ${holder.who} runs since ${since(holder.since, now)}`;
}

class HeldLock implements ReleaseLock {
  private readonly client: DynamoDBClient;
  private readonly timer: NodeJS.Timeout;
  private beaten = Date.now();
  private lost = false;

  private constructor(
    private readonly stack: Place,
    private readonly mine: Holder,
    clients: ClientConfig,
  ) {
    this.client = new DynamoDBClient(clients);
    this.timer = setInterval(() => void this.beat(), BEAT).unref();
  }

  static async take(
    stack: Place,
    what: string,
    clients: ClientConfig,
    again: string,
    notice: (message: string) => void,
    patience: number,
  ): Promise<HeldLock> {
    const now = new Date();
    const mine = { what, who: me(), since: now, beat: now, id: randomUUID(), machine: thisMachine(), pid: process.pid };
    // Between a refusal and the look at who it is, that one may have ended: then once more.
    for (let attempt = 1; ; attempt += 1) {
      const holder = await releaseHolder(stack, clients);
      // Of a put whose answer was lost, and which was sent again.
      if (holder?.id === mine.id) return new HeldLock(stack, mine, clients);
      if (holder !== undefined && (!isDead(holder) || attempt > 3)) throw refused(stack, holder, again);
      if (holder !== undefined && !wasHere(holder)) {
        // Two machines' clocks may differ by minutes: only a beat that does not come says that somebody is dead.
        notice(
          `${described(stack, holder)}, and seems to be dead: waits ${String(Math.round(patience / 1000))} s for a sign of life.`,
        );
        await sleep(patience);
        const later = await releaseHolder(stack, clients);
        if (later?.id === holder.id && later.beat.getTime() !== holder.beat.getTime())
          throw refused(stack, later, again);
      }
      if (!(await put(stack, mine, holder, clients))) continue;
      if (holder !== undefined) notice(takenOver(stack, holder));
      return new HeldLock(stack, mine, clients);
    }
  }

  check(): void {
    if (!this.lost && Date.now() - this.beaten <= DEAD) return;
    const why = this.lost ? "somebody took it over" : "AWS could not be reached for 90 seconds";
    throw new Failure(`The lock on ${this.stack.deployment} was lost (${why}): nothing more is changed from here.`);
  }

  async free(): Promise<void> {
    clearInterval(this.timer);
    const request = new DeleteItemCommand({ ...this.item, ConditionExpression: "Id = :id", ...this.id });
    // Without a network the lock dies by itself; what went wrong is told by whoever met it first.
    await this.client.send(request).catch(() => undefined);
  }

  private async beat(): Promise<void> {
    try {
      await this.client.send(
        new UpdateItemCommand({
          ...this.item,
          UpdateExpression: "SET Beat = :beat",
          ConditionExpression: "Id = :id",
          ExpressionAttributeValues: { ...this.id.ExpressionAttributeValues, ":beat": { S: new Date().toISOString() } },
        }),
      );
      this.beaten = Date.now();
    } catch (error) {
      this.lost ||= isRefusal(error);
    }
  }

  private get item() {
    return { TableName: this.stack.lockTable, Key: keyOf(this.stack) };
  }

  private get id() {
    return { ExpressionAttributeValues: { ":id": { S: this.mine.id } } };
  }
}

/** Writes our item where there is none, or the one that we saw dead. @returns whether we were the first */
async function put(stack: Place, mine: Holder, dead: Holder | undefined, clients: ClientConfig): Promise<boolean> {
  const condition =
    dead === undefined
      ? { ConditionExpression: "attribute_not_exists(LockID)" }
      : {
          ConditionExpression: "Id = :id AND Beat = :beat",
          ExpressionAttributeValues: { ":id": { S: dead.id }, ":beat": { S: dead.beat.toISOString() } },
        };
  const Item = { ...keyOf(stack), ...itemOf(mine) };
  try {
    await new DynamoDBClient(clients).send(new PutItemCommand({ TableName: stack.lockTable, Item, ...condition }));
    return true;
  } catch (error) {
    if (isRefusal(error)) return false;
    throw error;
  }
}

/** What somebody is told who would change a deployment that another one changes. */
export function refused(stack: Place, holder: Holder, again: string): Failure {
  const text = described(stack, holder);
  return new Failure(
    `Only one at a time changes a deployment, and ${text}. Nothing was changed. Wait until it has ended; if it was killed, its lock ends 90 seconds after its last sign of life, and the next run takes it over.`,
    { next: again },
  );
}

function takenOver(stack: Place, holder: Holder): string {
  return `Took over the lock of ${described(stack, holder).replace(" runs since ", ", begun ")}: it was killed.`;
}

function isRefusal(error: unknown): boolean {
  return (error as Error).name === "ConditionalCheckFailedException";
}

function keyOf({ bucket, key }: Place): Record<string, AttributeValue> {
  return { LockID: { S: `${bucket}/${key}.release` } };
}

function itemOf({ what, who, since, beat, id, machine, pid }: Holder): Record<string, AttributeValue> {
  const texts = {
    What: what,
    Who: who,
    Since: since.toISOString(),
    Beat: beat.toISOString(),
    Id: id,
    Machine: machine,
  };
  const entries = Object.entries(texts).map(([name, S]): [string, AttributeValue] => [name, { S }]);
  return { ...Object.fromEntries(entries), Pid: { N: String(pid) } };
}

function holderOf(item: Readonly<Record<string, AttributeValue>>): Holder {
  const text = (name: string): string => item[name]?.S ?? "";
  return {
    ...{ what: text("What"), who: text("Who"), id: text("Id"), machine: text("Machine") },
    ...{ since: new Date(text("Since")), beat: new Date(text("Beat")), pid: Number(item["Pid"]?.N) },
  };
}
