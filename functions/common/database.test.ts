import { X509Certificate } from "node:crypto";
import { Authority } from "../../__tests__/support/certificates";
import { startPostgres } from "../../__tests__/support/postgres";
import { TlsPostgres } from "../../__tests__/support/tls-postgres";
import { Database, trustedAuthorities } from "./database";

let postgres: TlsPostgres;

beforeAll(async () => {
  postgres = await TlsPostgres.start();
});

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
  });

  test("RDS's authorities are trusted, those of NODE_EXTRA_CA_CERTS, and no others", () => {
    const subjects = trustedAuthorities().map((pem) => new X509Certificate(pem).subject);
    expect(subjects.filter((subject) => !subject.includes("OU=Amazon RDS"))).toEqual([]);
    expect(trustedAuthorities(postgres.authorityFile)).toEqual([...trustedAuthorities(), postgres.authority.cert]);
    for (const region of ["us-east-1", "eu-central-1", "ap-southeast-2"]) {
      expect(subjects).toContainEqual(expect.stringContaining(`CN=Amazon RDS ${region} Root CA RSA2048 G1`));
    }
  });
});

describe("a kept connection", () => {
  let reads: number;
  let password: string;
  let database: Database;

  beforeEach(async () => {
    await postgres.admin.query("alter role app login password 'first'");
    reads = 0;
    password = "first";
    const readUrl = () => (reads++, Promise.resolve(postgres.url(password)));
    database = new Database(readUrl, trustedAuthorities(postgres.authorityFile));
  });
  afterEach(() => database.end());

  const server = async () => (await database.query<{ pid: number }>("select pg_backend_pid() as pid")).rows[0]?.pid;
  const terminate = (pid?: number) => postgres.admin.query("select pg_terminate_backend($1, 60000)", [pid]);

  test("serves every statement, at once and one after another", async () => {
    const pids = [...(await Promise.all([server(), server(), server()])), await server()];
    expect(new Set(pids).size).toBe(1);
    expect(reads).toBe(1);
  });

  test("is replaced when it died while nobody used it", async () => {
    const first = await server();
    await terminate(first);
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(await server()).not.toBe(first);
  });

  test("is proven after a pause before anybody uses it, also by several at once", async () => {
    const first = await server();
    jest.spyOn(Date, "now").mockReturnValue(Date.now() + 60_000);
    const again = await Promise.all([server(), server()]);
    expect(again).toEqual([first, first]);
    jest.restoreAllMocks();
  });

  test("reads the secret again, once, when the password was changed (28P01)", async () => {
    const first = await server();
    await postgres.admin.query("alter role app password 'second'");
    password = "second";
    await terminate(first);
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(await server()).not.toBe(first);
    expect(reads).toBe(2);
  });

  test("fails once for each who asks while the secret is wrong, and recovers by itself", async () => {
    password = "wrong";
    await expect(server()).rejects.toThrow("password authentication failed");
    expect(reads).toBe(2);
    password = "first";
    expect(await server()).toBeGreaterThan(0);
  });

  test("is not opened by a login that was disabled until the secret names another (28000)", async () => {
    await postgres.admin.query("alter role app nologin; drop role if exists app_clone");
    await postgres.admin.query("create role app_clone login password 'clone'");
    password = "first";
    const urls = [postgres.url("first"), postgres.url("clone").replace("//app:", "//app_clone:")];
    const rotated = new Database(() => Promise.resolve(urls.shift() ?? ""), trustedAuthorities(postgres.authorityFile));
    const { rows } = await rotated.query<{ who: string }>("select current_user as who");
    expect(rows[0]?.who).toBe("app_clone");
    await rotated.end();
  });
});
