import { X509Certificate } from "node:crypto";
import { Authority } from "../../__tests__/support/certificates";
import { startPostgres } from "../../__tests__/support/postgres";
import { TlsPostgres } from "../../__tests__/support/tls-postgres";
import { Database, trustedAuthorities } from "./database";

let postgres: TlsPostgres;

beforeAll(async () => {
  postgres = await TlsPostgres.start();
}, 30_000);

afterAll(() => postgres.stop());

const connect = async (databaseUrl: string, authorities: string[]) => {
  const client = await new Database(() => Promise.resolve(databaseUrl), authorities).connect();
  const { rows } = await client.query<{ ssl: boolean }>("select ssl from pg_stat_ssl where pid = pg_backend_pid()");
  await client.end();
  return rows[0]?.ssl;
};

describe("the database's certificate", () => {
  // What would switch the verification off in other clients, and in pg itself, does not here.
  const QUERIES = ["", "?sslmode=verify-full", "?sslmode=require", "?sslmode=no-verify", "?sslmode=disable", "?ssl=0"];

  test.each(QUERIES)(
    "is trusted when an authority of NODE_EXTRA_CA_CERTS issued it for the host: %p",
    async (query) => {
      expect(await connect(postgres.url("first", { query }), trustedAuthorities(postgres.authorityFile))).toBe(true);
    },
  );

  test.each(QUERIES)("is refused when no trusted authority issued it: %p", async (query) => {
    const other = await Authority.create("test");
    await expect(connect(postgres.url("first", { query }), [other.cert])).rejects.toThrow(/certificate/);
    await expect(connect(postgres.url("first", { query }), trustedAuthorities())).rejects.toThrow(/certificate/);
  });

  test.each(QUERIES)("is refused for another host than the URL's: %p", async (query) => {
    const host = "localhost";
    await expect(
      connect(postgres.url("first", { host, query }), trustedAuthorities(postgres.authorityFile)),
    ).rejects.toThrow(/altnames/);
  });

  test("a server without TLS is refused, whatever the URL says", async () => {
    const plain = await startPostgres();
    try {
      const refused = connect(`${plain.url}?sslmode=disable`, trustedAuthorities(postgres.authorityFile));
      await expect(refused).rejects.toThrow("does not support SSL");
    } finally {
      await plain.stop();
    }
  }, 30_000);

  test("RDS's authorities are trusted, those of NODE_EXTRA_CA_CERTS, and no others", () => {
    const subjects = trustedAuthorities().map((pem) => new X509Certificate(pem).subject);
    expect(subjects.filter((subject) => !subject.includes("OU=Amazon RDS"))).toEqual([]);
    expect(trustedAuthorities(postgres.authorityFile)).toEqual([...trustedAuthorities(), postgres.authority.cert]);
    for (const region of ["us-east-1", "eu-central-1", "ap-southeast-2"]) {
      expect(subjects).toContainEqual(expect.stringContaining(`CN=Amazon RDS ${region} Root CA RSA2048 G1`));
    }
  });
});
