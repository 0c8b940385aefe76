import { randomBytes } from "node:crypto";

/** Where the database answers. */
export interface Place {
  readonly host: string;
  readonly port: number;
  readonly dbname: string;
}

/** What the secret holds: a login in its parts, and ready to use. */
export interface Login extends Place {
  readonly username: string;
  readonly password: string;
  readonly DATABASE_URL: string;
}

/** A login with a password of 240 random bits that needs no escaping in a URL. */
export function newLogin(username: string, place: Place): Login {
  const password = randomBytes(30).toString("base64url");
  return { username, password, ...place, DATABASE_URL: databaseUrl(username, password, place) };
}

export function databaseUrl(username: string, password: string, { host, port, dbname }: Place): string {
  const login = `${encodeURIComponent(username)}:${encodeURIComponent(password)}`;
  return `postgresql://${login}@${host}:${String(port)}/${dbname}?sslmode=verify-full`;
}

/** The user whose turn it is: two alternate, so that the one in use keeps its password while the other gets a new one. */
export function nextUser(owner: string, current?: string): string {
  const [first, second] = [`${owner}_a`, `${owner}_b`];
  return current === first ? second : first;
}
