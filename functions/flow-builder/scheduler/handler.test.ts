import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { once } from "node:events";
import { createServer } from "node:http";
import { type AddressInfo } from "node:net";
import { join } from "node:path";
import { type Context } from "aws-lambda";
import { startAwsApi, type RunningAwsApi } from "../../../__tests__/support/aws-api";
import { TlsPostgres } from "../../../__tests__/support/tls-postgres";
import type * as Handler from "./handler";

const MIGRATION = readFileSync(join(__dirname, "../migrations/0001_flow_schedules.sql"), "utf8");

let postgres: TlsPostgres;

beforeAll(async () => {
  postgres = await TlsPostgres.start();
  await postgres.admin.query(`${MIGRATION}; grant select, update on flow_schedules to app`);
});

afterAll(() => postgres.stop());

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
      NODE_EXTRA_CA_CERTS: postgres.authorityFile,
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
    await postgres.admin.query("alter role app password 'first'; truncate flow_schedules");
    secret = postgres.url("first");
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
    postgres.admin.query(
      "insert into flow_schedules (flow_id, every, next_run_at) values ('welcome', '1 hour', now())",
    );

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
    await postgres.admin.query("alter role app password 'second'");
    secret = postgres.url("second");
    await addDue();
    expect(await invoke()).toEqual({ sent: 1, complete: true });
    expect(secretReads).toBe(2);
  });

  test("fails while secret and database differ, and recovers by itself when they agree again", async () => {
    const invoke = container();
    secret = postgres.url("wrong");
    await expect(invoke()).rejects.toThrow("password authentication failed");
    secret = postgres.url("first");
    expect(await invoke()).toEqual({ sent: 0, complete: true });
  });

  test("gives up on a queue that does not answer before Lambda would cut it off; the row stays due", async () => {
    const silent = createServer(() => undefined);
    silent.listen(0, "127.0.0.1");
    await once(silent, "listening");
    process.env["QUEUE_URL"] = `http://127.0.0.1:${String((silent.address() as AddressInfo).port)}/111111111111/flows`;
    process.env["AWS_ENDPOINT_URL_SQS"] = new URL(process.env["QUEUE_URL"]).origin;
    await addDue();
    try {
      const started = Date.now();
      await expect(container()()).rejects.toThrow("1 due flows were not sent, 0 were");
      expect(Date.now() - started).toBeLessThan(45_000); // The stack gives it 50 s; the queue would take for ever.
    } finally {
      delete process.env["AWS_ENDPOINT_URL_SQS"];
      process.env["QUEUE_URL"] = `${api.endpoint}/111111111111/flows`;
      silent.close();
      silent.closeAllConnections();
    }
    expect(await container()()).toEqual({ sent: 1, complete: true });
  });

  test("leaves no connection to the database behind", async () => {
    const invoke = container();
    await invoke();
    const left = async () =>
      (await postgres.admin.query("select 1 from pg_stat_activity where usename = 'app'")).rowCount;
    // The server notices the end of a connection a moment later.
    for (let tries = 0; (await left()) !== 0 && tries < 1_500; tries++)
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
