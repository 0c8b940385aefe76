import { createHash, createHmac, pbkdf2Sync, randomBytes } from "node:crypto";
import { type ClientBase, escapeIdentifier, escapeLiteral } from "pg";
import { type Login } from "./login";

/** SCRAM's least, and PostgreSQL's own. */
const ITERATIONS = 4096;
/** Any number that nobody else locks. */
const LOCK = 7_266_683_286;

/** One at a time: PostgreSQL refuses changes to one role that meet ("tuple concurrently updated"). Lasts as long as the connection. */
export async function lock(master: ClientBase): Promise<void> {
  await master.query("select pg_advisory_lock($1)", [LOCK]);
}

/**
 * Lets a login in, with its password, as a member of the owner: whatever it makes belongs to the owner, whichever of the
 * two users made it, and either may change it. Safe to do again.
 */
export async function letIn(master: ClientBase, owner: string, { username, password, dbname }: Login): Promise<void> {
  const [role, user] = [escapeIdentifier(owner), escapeIdentifier(username)];
  await master.query("begin");
  try {
    if (!(await exists(master, owner))) await master.query(`create role ${role} nologin`);
    await master.query(`grant connect, create, temporary on database ${escapeIdentifier(dbname)} to ${role}`);
    await master.query(`grant usage, create on schema public to ${role}`);
    if (!(await exists(master, username))) await master.query(`create role ${user}`);
    await master.query(`alter role ${user} login password ${escapeLiteral(verifier(password))}`);
    await master.query(`grant ${role} to ${user}`);
    await master.query(`alter role ${user} set role = ${escapeLiteral(owner)}`);
    await master.query("commit");
  } catch (error) {
    await master.query("rollback");
    throw error;
  }
}

async function exists(master: ClientBase, role: string): Promise<boolean> {
  const { rowCount } = await master.query("select from pg_roles where rolname = $1", [role]);
  return rowCount === 1;
}

/** What PostgreSQL keeps instead of a password (RFC 5803). Sent in its place, the password itself never is in the server's log. */
function verifier(password: string): string {
  const salt = randomBytes(16);
  const salted = pbkdf2Sync(password, salt, ITERATIONS, 32, "sha256");
  const key = (name: string) => createHmac("sha256", salted).update(name).digest();
  const stored = createHash("sha256").update(key("Client Key")).digest("base64");
  const server = key("Server Key").toString("base64");
  return `SCRAM-SHA-256$${String(ITERATIONS)}:${salt.toString("base64")}$${stored}:${server}`;
}
