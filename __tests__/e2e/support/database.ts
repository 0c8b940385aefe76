import { readFileSync } from "node:fs";
import { join } from "node:path";
import { GetSecretValueCommand, PutSecretValueCommand, SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import { Client } from "pg";
import { root } from "../../../tools/support/project";
import { startPostgres } from "../../support/postgres";
import { type Sandbox } from "./sandbox";

/** The one flow that is due in the database, since the first of January 2026. */
export const SCHEDULE_ID = "00000000-0000-4000-8000-000000000001";

/** A stack's database, as its owner. */
export interface Database {
  query(sql: string): Promise<void>;
  stop(): Promise<void>;
}

const MIGRATION = join(root, "functions/flow-builder/migrations/0001_flow_schedules.sql");

/**
 * A real PostgreSQL where the local AWS says that a stack's database is, with the login of the stack's own secret. It
 * speaks TLS only, with a certificate of the sandbox's authority. Where the port is taken, it takes another and the
 * secret is told so, as an operator would who moves a database.
 */
export async function startDatabase(sandbox: Sandbox, secret: string, environment = "dev"): Promise<Database> {
  const client = new SecretsManagerClient(sandbox.clients(environment));
  const { SecretString = "" } = await client.send(new GetSecretValueCommand({ SecretId: secret }));
  const url = new URL(SecretString);
  const tls = await sandbox.authority.issue(url.hostname);
  // Another test's local AWS gives the same port: both may start there at once.
  const postgres = await startPostgres({ tls, port: Number(url.port) }).catch(() => startPostgres({ tls }));
  const moved = postgres.port !== Number(url.port);
  url.port = String(postgres.port);

  const { cert } = sandbox.authority;
  await query(postgres.url, cert, `create role ${url.username} login password '${url.password}'`);
  await query(postgres.url, cert, `create database ${url.pathname.slice(1)} owner ${url.username}`);
  if (moved) await client.send(new PutSecretValueCommand({ SecretId: secret, SecretString: url.href }));
  return { query: (sql) => query(url.href, cert, sql), stop: () => postgres.stop() };
}

/** Flow Builder's table, with a flow that is due. */
export async function withDueFlow(database: Database): Promise<void> {
  await database.query(readFileSync(MIGRATION, "utf8"));
  await database.query(
    `insert into flow_schedules (id, flow_id, every, next_run_at, payload)
     values ('${SCHEDULE_ID}', 'welcome', '1 day', '2026-01-01T00:00Z', '{"n":1}')`,
  );
}

async function query(url: string, ca: string, sql: string): Promise<void> {
  // Without ?sslmode, which would win over the authority.
  const client = new Client({ connectionString: url.replace(/\?.*/, ""), ssl: { ca } });
  await client.connect();
  await client.query(sql).finally(() => client.end());
}
