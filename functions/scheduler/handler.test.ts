import { createHash, X509Certificate } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { once } from "node:events";
import { createServer } from "node:http";
import { type AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Context } from "aws-lambda";
import { Client } from "pg";
import { startAwsApi, type RunningAwsApi } from "../../__tests__/support/aws-api";
import { Authority } from "../../__tests__/support/certificates";
import { startPostgres, type RunningPostgres } from "../../__tests__/support/postgres";
import { Database, trustedAuthorities } from "./database";
import type * as Handler from "./handler";

const MIGRATION = readFileSync(join(__dirname, "migrations", "0001_flow_schedules.sql"), "utf8");
const folder = mkdtempSync(join(tmpdir(), "scheduler-"));
const extraFile = join(folder, "ca.pem");

let authority: Authority;
let postgres: RunningPostgres;
let admin: Client;

beforeAll(async () => {
  authority = await Authority.create("test");
  writeFileSync(extraFile, authority.cert);
  postgres = await startPostgres({ tls: await authority.issue("127.0.0.1", "db.example.com") });
  admin = new Client({ connectionString: postgres.url.replace(/\?.*/, ""), ssl: { ca: authority.cert } });
  await admin.connect();
  await admin.query(
    `create role app login password 'first'; ${MIGRATION}; grant select, update on flow_schedules to app`,
  );
}, 30_000);

afterAll(async () => {
  await admin.end();
  await postgres.stop();
  rmSync(folder, { recursive: true });
});

const url = (password: string, { host = "127.0.0.1", query = "?sslmode=verify-full" } = {}) =>
  `postgresql://app:${password}@${host}:${String(postgres.port)}/postgres${query}`;

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
      expect(await connect(url("first", { query }), trustedAuthorities(extraFile))).toBe(true);
    },
  );

  test.each(QUERIES)("is refused when no trusted authority issued it: %p", async (query) => {
    const other = await Authority.create("test");
    await expect(connect(url("first", { query }), [other.cert])).rejects.toThrow(/certificate/);
    await expect(connect(url("first", { query }), trustedAuthorities())).rejects.toThrow(/certificate/);
  });

  test.each(QUERIES)("is refused for another host than the URL's: %p", async (query) => {
    const host = "localhost";
    await expect(connect(url("first", { host, query }), trustedAuthorities(extraFile))).rejects.toThrow(/altnames/);
  });

  test("a server without TLS is refused, whatever the URL says", async () => {
    const plain = await startPostgres();
    try {
      const refused = connect(`${plain.url}?sslmode=disable`, trustedAuthorities(extraFile));
      await expect(refused).rejects.toThrow("does not support SSL");
    } finally {
      await plain.stop();
    }
  }, 30_000);

  test("RDS's authorities are trusted, those of NODE_EXTRA_CA_CERTS, and no others", () => {
    const subjects = trustedAuthorities().map((pem) => new X509Certificate(pem).subject);
    expect(subjects.filter((subject) => !subject.includes("OU=Amazon RDS"))).toEqual([]);
    expect(trustedAuthorities(extraFile)).toEqual([...trustedAuthorities(), authority.cert]);
    for (const region of ["us-east-1", "eu-central-1", "ap-southeast-2"]) {
      expect(subjects).toContainEqual(expect.stringContaining(`CN=Amazon RDS ${region} Root CA RSA2048 G1`));
    }
  });
});

describe("the handler", () => {
  const variables = { ...process.env };
  const messages: { MessageBody: string }[] = [];
  let api: RunningAwsApi;
  let secret: string;
  let secretReads: number;
  let touches: number;

  beforeAll(async () => {
    api = await startAwsApi({
      "secretsmanager.GetSecretValue": ({ SecretId }) => {
        secretReads++;
        return { ARN: SecretId, SecretString: secret };
      },
      "AmazonSQS.GetQueueAttributes": () => {
        touches++;
        return { Attributes: {} };
      },
      "AmazonSQS.SendMessageBatch": ({ Entries }) => {
        const entries = Entries as { Id: string; MessageBody: string }[];
        messages.push(...entries);
        return {
          Successful: entries.map(({ Id, MessageBody }) => ({
            Id,
            MessageId: Id,
            MD5OfMessageBody: createHash("md5").update(MessageBody).digest("hex"),
          })),
        };
      },
    });
    jest.spyOn(console, "log").mockImplementation(() => undefined);
    Object.assign(process.env, {
      AWS_ENDPOINT_URL: api.endpoint,
      AWS_REGION: "eu-central-1",
      AWS_ACCESS_KEY_ID: "test",
      AWS_SECRET_ACCESS_KEY: "test",
      NODE_EXTRA_CA_CERTS: extraFile,
      QUEUE_URL: `${api.endpoint}/111111111111/flows`,
      DATABASE_SECRET_ARN: "arn:aws:secretsmanager:eu-central-1:111111111111:secret:url",
    });
  });

  afterAll(async () => {
    process.env = variables;
    jest.restoreAllMocks();
    await api.stop();
  });

  beforeEach(async () => {
    await admin.query("alter role app password 'first'; truncate flow_schedules");
    secret = url("first");
    secretReads = touches = 0;
    messages.length = 0;
  });

  /** A new container: the module is loaded anew. */
  function container() {
    jest.resetModules();
    const { handler } = jest.requireActual<typeof Handler>("./handler");
    return () => handler({}, { getRemainingTimeInMillis: () => 60_000 } as Context);
  }

  const addDue = () =>
    admin.query("insert into flow_schedules (flow_id, every, next_run_at) values ('welcome', '1 hour', now())");

  test("sends what is due to the queue, and reads the secret once for all its invocations", async () => {
    const invoke = container();
    await addDue();
    expect(await invoke()).toEqual({ sent: 1, complete: true });
    expect(await invoke()).toEqual({ sent: 0, complete: true });
    expect(messages.map(({ MessageBody }) => (JSON.parse(MessageBody) as { flowId: string }).flowId)).toEqual([
      "welcome",
    ]);
    expect(secretReads).toBe(1);
  });

  test("touches the queue when nothing is due, so that its metrics, which wake the worker, never stop", async () => {
    const invoke = container();
    await invoke();
    expect(touches).toBe(1);
    await addDue();
    await invoke();
    expect(touches).toBe(1);
  });

  test("reads the secret again when the password was changed, and goes on", async () => {
    const invoke = container();
    await invoke();
    await admin.query("alter role app password 'second'");
    secret = url("second");
    await addDue();
    expect(await invoke()).toEqual({ sent: 1, complete: true });
    expect(secretReads).toBe(2);
  });

  test("fails while secret and database differ, and recovers by itself when they agree again", async () => {
    const invoke = container();
    secret = url("wrong");
    await expect(invoke()).rejects.toThrow("password authentication failed");
    secret = url("first");
    expect(await invoke()).toEqual({ sent: 0, complete: true });
  });

  test("gives up on a queue that does not answer before Lambda would cut it off; the row stays due", async () => {
    const silent = createServer((_, response) => setTimeout(() => response.destroy(), 8_000).unref());
    silent.listen(0, "127.0.0.1");
    await once(silent, "listening");
    process.env["QUEUE_URL"] = `http://127.0.0.1:${String((silent.address() as AddressInfo).port)}/111111111111/flows`;
    process.env["AWS_ENDPOINT_URL_SQS"] = new URL(process.env["QUEUE_URL"]).origin;
    await addDue();
    try {
      const started = Date.now();
      await expect(container()()).rejects.toThrow("1 due flows were not sent, 0 were");
      expect(Date.now() - started).toBeLessThan(10_000);
    } finally {
      delete process.env["AWS_ENDPOINT_URL_SQS"];
      process.env["QUEUE_URL"] = `${api.endpoint}/111111111111/flows`;
      silent.close();
      silent.closeAllConnections();
    }
    expect(await container()()).toEqual({ sent: 1, complete: true });
  }, 25_000);

  test("leaves no connection to the database behind", async () => {
    const invoke = container();
    await invoke();
    const left = async () => (await admin.query("select 1 from pg_stat_activity where usename = 'app'")).rowCount;
    // The server notices the end of a connection a moment later.
    for (let tries = 0; (await left()) !== 0 && tries < 50; tries++)
      await new Promise((resolve) => setTimeout(resolve, 20));
    expect(await left()).toBe(0);
  });

  test.each(["QUEUE_URL", "DATABASE_SECRET_ARN"])("says which variable is missing: %s", async (name) => {
    const value = process.env[name];
    process.env[name] = "";
    try {
      await expect((async () => container()())()).rejects.toThrow(`${name} is not set`);
    } finally {
      process.env[name] = value;
    }
  });
});
