import { createHash } from "node:crypto";
import { type Context } from "aws-lambda";
import { migrate, type Migration } from "../../functions/common/migrate/migrations";
import { startAwsApi, type RunningAwsApi } from "./aws-api";
import { TlsPostgres } from "./tls-postgres";

export interface Sent {
  readonly QueueUrl: string;
  readonly MessageBody: string;
  readonly reason?: string | undefined;
}

/**
 * What handlers find in this process: a PostgreSQL with the tables of a system, and an AWS that knows its secrets and
 * writes down what is sent to queues.
 */
export class FunctionEnvironment {
  postgres!: TlsPostgres;
  readonly sent: Sent[] = [];
  /** Seconds, by receipt handle. */
  readonly pauses = new Map<string, number>();
  /** Called before SQS takes a message. */
  refuse: (body: string) => void = () => undefined;
  private api!: RunningAwsApi;

  constructor(migrations: readonly Migration[], variables: Readonly<Record<string, string>> = {}) {
    const before = { ...process.env };
    beforeAll(async () => {
      this.postgres = await TlsPostgres.start();
      await migrate(this.postgres.admin, migrations, { command: "up" });
      await this.postgres.admin.query("grant all on all tables in schema public to app");
      this.api = await startAwsApi(this.operations());
      Object.assign(process.env, {
        AWS_ENDPOINT_URL: this.api.endpoint,
        AWS_REGION: "eu-west-1",
        AWS_ACCESS_KEY_ID: "test",
        AWS_SECRET_ACCESS_KEY: "test",
        NODE_EXTRA_CA_CERTS: this.postgres.authorityFile,
        DATABASE_SECRET_ARN: "database",
        SIGNING_SECRET_ARN: "signing",
        QUEUE_URL: `${this.api.endpoint}/111111111111/deliveries`,
        DEAD_LETTER_QUEUE_URL: `${this.api.endpoint}/111111111111/dead-letters`,
        MAX_RECEIVES: "5",
        POWERTOOLS_DEV: "true", // Through console, which tests can listen to.
        POWERTOOLS_METRICS_DISABLED: "false",
        POWERTOOLS_METRICS_NAMESPACE: "Groundplan/test",
        POWERTOOLS_SERVICE_NAME: "test",
        ...variables,
      });
    });
    beforeEach(() => {
      for (const level of ["log", "info", "warn", "error", "debug"] as const)
        jest.spyOn(console, level).mockImplementation(() => undefined);
      this.sent.length = 0;
      this.pauses.clear();
      this.refuse = () => undefined;
    });
    afterEach(() => jest.restoreAllMocks());
    afterAll(async () => {
      process.env = before;
      await this.api.stop();
      await this.postgres.stop();
    });
  }

  /** Rows of a query, as the superuser. */
  async rows<Row extends object>(sql: string, ...values: readonly unknown[]): Promise<Row[]> {
    return (await this.postgres.admin.query<Row>(sql, [...values])).rows;
  }

  private operations() {
    const take = (QueueUrl: unknown, { MessageBody, MessageAttributes }: Record<string, unknown>) => {
      const body = String(MessageBody);
      this.refuse(body);
      const { Reason } = (MessageAttributes ?? {}) as Record<string, { StringValue: string } | undefined>;
      this.sent.push({ QueueUrl: String(QueueUrl), MessageBody: body, reason: Reason?.StringValue });
      return { MessageId: "1", MD5OfMessageBody: createHash("md5").update(body).digest("hex") };
    };
    return {
      "secretsmanager.GetSecretValue": ({ SecretId }: Record<string, unknown>) => ({
        ARN: SecretId,
        SecretString:
          SecretId === "database" ? JSON.stringify({ DATABASE_URL: this.postgres.url("first") }) : "of the tests",
      }),
      "AmazonSQS.SendMessage": (input: Record<string, unknown>) => take(input["QueueUrl"], input),
      "AmazonSQS.SendMessageBatch": ({ QueueUrl, Entries }: Record<string, unknown>) => ({
        Successful: (Entries as Record<string, unknown>[]).map((entry) => ({
          Id: entry["Id"],
          ...take(QueueUrl, entry),
        })),
      }),
      "AmazonSQS.ChangeMessageVisibility": ({ ReceiptHandle, VisibilityTimeout }: Record<string, unknown>) => {
        this.pauses.set(String(ReceiptHandle), Number(VisibilityTimeout));
        return {};
      },
      "AmazonSQS.GetQueueAttributes": () => ({ Attributes: {} }),
    };
  }
}

export const CONTEXT = { awsRequestId: "1", getRemainingTimeInMillis: () => 60_000 } as Context;
