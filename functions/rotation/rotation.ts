import { randomUUID } from "node:crypto";
import { type Client, DatabaseError } from "pg";
import { type Login, type Place, newLogin, nextUser } from "./login";
import { letIn, lock } from "./roles";
import { type SecretVersions } from "./secret-versions";

/** The steps that Secrets Manager asks for, in this order, each perhaps more than once. */
export const STEPS = ["createSecret", "setSecret", "testSecret", "finishSecret"] as const;
export type Step = (typeof STEPS)[number];

export interface Surroundings {
  readonly versions: SecretVersions;
  readonly place: Place;
  /** The role that owns what the applications make; its name and "_a" or "_b" is a user's. */
  readonly owner: string;
  /** A connection as the master user. */
  connectMaster(): Promise<Client>;
  connect(login: Login): Promise<Client>;
  /** Replaces what read the login when it started. */
  roll(): Promise<void>;
}

/** PostgreSQL's codes for a login that it does not take: wrong password or no such user, no right to log in. */
const REFUSED = new Set(["28P01", "28000"]);

/** Gives the application's login a new user and password, step by step; any step can be done again, and goes on where it broke off. */
export class Rotation {
  constructor(private readonly in_: Surroundings) {}

  /** One step of a rotation that Secrets Manager has begun. @throws Error when it has not */
  async step(step: Step, token: string): Promise<void> {
    const stage = await this.in_.versions.stage(token);
    // A version that is current has been through all steps; but the last may have broken off before the services were rolled.
    if (stage === "pending" || step === "finishSecret") await this[step](token);
  }

  /**
   * Sees to it that there is a current login that works: before the first rotation, and after the database was restored
   * from a time at which the login was another one. Returns whether a new one was made.
   */
  async ensure(): Promise<boolean> {
    const master = await this.master();
    try {
      const current = await this.in_.versions.current();
      if (current && (await this.works(current))) return false;
      const token = randomUUID();
      await this.createSecret(token);
      await letIn(master, this.in_.owner, await this.pending(token));
      await this.testSecret(token);
      await this.in_.versions.makeCurrent(token);
      if (current) await this.in_.roll();
      return true;
    } finally {
      await master.end();
    }
  }

  private async createSecret(token: string): Promise<void> {
    const { versions, owner, place } = this.in_;
    if (await versions.version(token)) return;
    const current = await versions.current();
    await versions.keepPending(token, newLogin(nextUser(owner, current?.username), place));
  }

  private async setSecret(token: string): Promise<void> {
    const [pending, current] = [await this.pending(token), await this.in_.versions.current()];
    if (pending.username === current?.username) {
      throw new Error(
        `Version ${token} is of ${pending.username}, who is in use: a new password would lock everybody out.`,
      );
    }
    const master = await this.master();
    try {
      await letIn(master, this.in_.owner, pending);
    } finally {
      await master.end();
    }
  }

  private async testSecret(token: string): Promise<void> {
    const client = await this.in_.connect(await this.pending(token));
    try {
      const { rows } = await client.query<{ role: string }>("select current_user as role");
      if (rows[0]?.role !== this.in_.owner)
        throw new Error(`The login acts as ${String(rows[0]?.role)}, not as ${this.in_.owner}.`);
    } finally {
      await client.end();
    }
  }

  private async finishSecret(token: string): Promise<void> {
    await this.in_.versions.makeCurrent(token);
    await this.in_.roll();
  }

  private async pending(token: string): Promise<Login> {
    const login = await this.in_.versions.version(token);
    if (!login) throw new Error(`Version ${token} has no value: createSecret comes first.`);
    return login;
  }

  private async works(login: Login): Promise<boolean> {
    try {
      await (await this.in_.connect(login)).end();
      return true;
    } catch (error) {
      if (error instanceof DatabaseError && REFUSED.has(String(error.code))) return false;
      throw error;
    }
  }

  private async master(): Promise<Client> {
    const master = await this.in_.connectMaster();
    await lock(master);
    return master;
  }
}
