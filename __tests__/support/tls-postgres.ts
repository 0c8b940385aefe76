import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Client } from "pg";
import { Authority } from "./certificates";
import { startPostgres, type RunningPostgres } from "./postgres";

/**
 * A real PostgreSQL as RDS offers it: TLS only, with a certificate of an authority of its own, a superuser, and the
 * application's login `app` with the password "first".
 */
export class TlsPostgres {
  private constructor(
    readonly authority: Authority,
    /** What NODE_EXTRA_CA_CERTS names where the authority is trusted. */
    readonly authorityFile: string,
    private readonly server: RunningPostgres,
    /** A connection of the superuser's. */
    readonly admin: Client,
    private readonly folder: string,
  ) {}

  static async start(): Promise<TlsPostgres> {
    const folder = mkdtempSync(join(tmpdir(), "tls-postgres-"));
    const authority = await Authority.create("test");
    const file = join(folder, "ca.pem");
    writeFileSync(file, authority.cert);
    const server = await startPostgres({ tls: await authority.issue("127.0.0.1", "db.example.com") });
    const admin = new Client({ connectionString: server.url.replace(/\?.*/, ""), ssl: { ca: authority.cert } });
    await admin.connect();
    await admin.query("create role app login password 'first'; grant all on schema public to app");
    return new TlsPostgres(authority, file, server, admin, folder);
  }

  /** The URL of the application's login. */
  url(password: string, { host = "127.0.0.1", query = "?sslmode=verify-full" } = {}): string {
    return `postgresql://app:${password}@${host}:${String(this.server.port)}/postgres${query}`;
  }

  async stop(): Promise<void> {
    await this.admin.end();
    await this.server.stop();
    rmSync(this.folder, { recursive: true });
  }
}
