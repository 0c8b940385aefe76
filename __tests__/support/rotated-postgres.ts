import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Context } from "aws-lambda";
import { Client } from "pg";
import type * as Handler from "../../functions/rotation/handler";
import { Database, trustedAuthorities } from "../../functions/common/database";
import { AwsError, type RunningAwsApi, startAwsApi } from "./aws-api";
import { Authority } from "./certificates";
import { type RunningPostgres, startPostgres } from "./postgres";
import { type RotationRequest, SecretsManager } from "./secrets-manager";

const MASTER = { username: "master", password: "master's" };
const secret = (name: string) => `arn:aws:secretsmanager:eu-west-1:111111111111:secret:${name}`;
const SERVICES = ["api", "gone"].map((name) => `arn:aws:ecs:eu-west-1:111111111111:service/cluster/${name}`);

/**
 * A real PostgreSQL as Aurora offers it (TLS only, a master user who may make roles and is no superuser, a database that
 * he owns), Secrets Manager with the login's secret in memory, and the rotation function between them.
 */
export class RotatedPostgres {
  readonly secret = new SecretsManager(secret("login"), { [secret("master")]: JSON.stringify(MASTER) });
  /** The services that were rolled, in this order. */
  readonly rolled: string[] = [];
  /** Milliseconds that the function is told to have left. */
  timeLeft = 0;
  private readonly variables = { ...process.env };

  private constructor(
    private readonly server: RunningPostgres,
    readonly authorities: string[],
    private readonly folder: string,
  ) {}

  private api?: RunningAwsApi;

  static async start(): Promise<RotatedPostgres> {
    const folder = mkdtempSync(join(tmpdir(), "rotated-"));
    const authority = await Authority.create("test");
    const file = join(folder, "ca.pem");
    writeFileSync(file, authority.cert);
    const server = await startPostgres({ tls: await authority.issue("127.0.0.1") });
    const made = new RotatedPostgres(server, trustedAuthorities(file), folder);
    await made.reset();
    await made.serve(file);
    return made;
  }

  /** As it was before the first login. */
  async reset(): Promise<void> {
    const { username, password } = MASTER;
    await this.admin("drop database if exists app with (force)");
    await this.admin("drop role if exists app_a, app_b, app, master");
    await this.admin(`create role ${username} login createrole createdb password '${password.replace("'", "''")}'`);
    await this.admin(`create database app owner ${username}`);
    this.secret.versions.clear();
    this.secret.rotationEnabled = false;
    this.secret.interfere = () => undefined;
    this.rolled.length = 0;
    this.timeLeft = 0;
  }

  /** The function, in one container for all of its runs. */
  invoke(event: RotationRequest | { ensure: true }): Promise<unknown> {
    const { handler } = jest.requireActual<typeof Handler>("../../functions/rotation/handler");
    return handler(event, { getRemainingTimeInMillis: () => this.timeLeft } as Context);
  }

  ensure(): Promise<unknown> {
    return this.invoke({ ensure: true });
  }

  rotate(token?: string): Promise<void> {
    return this.secret.rotate((request) => this.invoke(request), token);
  }

  /** A consumer: it has the login that the secret had when it first connected, and reads it again when it is refused. */
  consumer(onRead: () => void): Database {
    return new Database(() => {
      onRead();
      return Promise.resolve(String(this.secret.value()?.["DATABASE_URL"]));
    }, this.authorities);
  }

  /** One statement with a login of the secret, and its first row. */
  async query(sql: string, stage = "AWSCURRENT"): Promise<Record<string, unknown> | undefined> {
    const url = String(this.secret.value(stage)?.["DATABASE_URL"]);
    const client = await new Database(() => Promise.resolve(url), this.authorities).connect();
    return client
      .query<Record<string, unknown>>(sql)
      .then(({ rows }) => rows[0])
      .finally(() => client.end());
  }

  /** One statement as the superuser. */
  async admin(sql: string, database = "postgres"): Promise<Record<string, unknown>[]> {
    const url = new URL(this.server.url);
    url.pathname = database;
    url.search = "";
    const client = new Client({ connectionString: url.href, ssl: { ca: this.authorities } });
    await client.connect();
    return client
      .query<Record<string, unknown>>(sql)
      .then(({ rows }) => rows)
      .finally(() => client.end());
  }

  async stop(): Promise<void> {
    process.env = this.variables;
    jest.restoreAllMocks();
    await this.api?.stop();
    await this.server.stop();
    rmSync(this.folder, { recursive: true });
  }

  private async serve(authorityFile: string): Promise<void> {
    this.api = await startAwsApi({
      ...this.secret.operations,
      "AmazonEC2ContainerServiceV20141113.UpdateService": ({ cluster, service, forceNewDeployment }) => {
        if (service === "gone") throw new AwsError(400, "ServiceNotFoundException", "Service not found.");
        if (forceNewDeployment) this.rolled.push(`${String(cluster)}/${String(service)}`);
        return { service: {} };
      },
    });
    for (const level of ["log", "warn"] as const) jest.spyOn(console, level).mockImplementation(() => undefined);
    Object.assign(process.env, {
      AWS_ENDPOINT_URL: this.api.endpoint,
      AWS_REGION: "eu-west-1",
      AWS_ACCESS_KEY_ID: "test",
      AWS_SECRET_ACCESS_KEY: "test",
      NODE_EXTRA_CA_CERTS: authorityFile,
      LOGIN_SECRET_ARN: this.secret.arn,
      MASTER_SECRET_ARN: secret("master"),
      DATABASE_HOST: "127.0.0.1",
      DATABASE_PORT: String(this.server.port),
      DATABASE_NAME: "app",
      OWNER: "app",
      SERVICES: SERVICES.join(","),
    });
  }
}
