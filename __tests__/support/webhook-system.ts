import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { CreateSecretCommand, SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import { CreateQueueCommand, GetQueueAttributesCommand, SQSClient } from "@aws-sdk/client-sqs";
import { localClients } from "../../tools/support/aws-clients";
import { LocalAws } from "../../tools/support/local-aws";
import { endpoint } from "../../tools/support/local-environment";
import { receive, remove } from "./event-source";
import { freePort } from "./free-port";
import { LambdaProcess } from "./lambda-process";
import { TlsPostgres } from "./tls-postgres";
import { WebhookReceiver } from "./webhook-receiver";

const ACCOUNT = { id: "111111111111", region: "eu-west-1" };

export interface WebhookSystemProps {
  /** Seconds. */
  readonly visibilityTimeout: number;
  readonly maxReceives: number;
}

/** A dead letter. */
export interface Dead {
  readonly body: string;
  readonly reason: string | undefined;
}

/**
 * All that functions with webhooks meet: PostgreSQL, a receiver, and a local AWS with a queue, its dead-letter queue and
 * the secrets. Each is real but AWS.
 */
export class WebhookSystem {
  private readonly processes: LambdaProcess[] = [];

  private constructor(
    private readonly folder: string,
    private readonly aws: LocalAws,
    readonly postgres: TlsPostgres,
    readonly receiver: WebhookReceiver,
    readonly sqs: SQSClient,
    /** What the stack sets, and Lambda. */
    readonly env: Readonly<Record<string, string>>,
  ) {}

  static async start({ visibilityTimeout, maxReceives }: WebhookSystemProps): Promise<WebhookSystem> {
    const folder = mkdtempSync(join(tmpdir(), "webhooks-"));
    const aws = new LocalAws(folder, { PARENT_PID: String(process.pid), LOG_LEVEL: "ERROR" });
    const target = { port: await freePort(), account: ACCOUNT };
    const [postgres] = await Promise.all([TlsPostgres.start(), aws.start(target)]);
    const receiver = await WebhookReceiver.start(postgres.authority);

    const sqs = new SQSClient(localClients(target));
    const secrets = new SecretsManagerClient(localClients(target));
    const queue = async (name: string, attributes: Record<string, string>) => {
      const { QueueUrl = "" } = await sqs.send(new CreateQueueCommand({ QueueName: name, Attributes: attributes }));
      return QueueUrl;
    };
    const secret = async (name: string, value: string) => {
      const { ARN = "" } = await secrets.send(new CreateSecretCommand({ Name: name, SecretString: value }));
      return ARN;
    };
    const deadLetters = await queue("dead-letters", {});
    const { Attributes } = await sqs.send(
      new GetQueueAttributesCommand({ QueueUrl: deadLetters, AttributeNames: ["QueueArn"] }),
    );
    const redrive = { deadLetterTargetArn: Attributes?.["QueueArn"], maxReceiveCount: maxReceives };
    const env = {
      AWS_ENDPOINT_URL: endpoint(target),
      AWS_REGION: ACCOUNT.region,
      AWS_ACCESS_KEY_ID: ACCOUNT.id,
      AWS_SECRET_ACCESS_KEY: "local",
      NODE_EXTRA_CA_CERTS: postgres.authorityFile,
      POWERTOOLS_SERVICE_NAME: "test",
      POWERTOOLS_METRICS_NAMESPACE: "Groundplan/test",
      QUEUE_URL: await queue("deliveries", {
        VisibilityTimeout: String(visibilityTimeout),
        RedrivePolicy: JSON.stringify(redrive),
      }),
      DEAD_LETTER_QUEUE_URL: deadLetters,
      MAX_RECEIVES: String(maxReceives),
      RETRY_SECONDS: "1",
      DATABASE_SECRET_ARN: await secret("database", JSON.stringify({ DATABASE_URL: postgres.url("first") })),
      SIGNING_SECRET_ARN: await secret("signing", "of the tests"),
    };
    return new WebhookSystem(folder, aws, postgres, receiver, sqs, env);
  }

  /** A container of a function: "event-scheduling/delivery". */
  async function(name: string): Promise<LambdaProcess> {
    const started = await LambdaProcess.start(join(__dirname, `../../functions/${name}/handler.ts`), this.env);
    this.processes.push(started);
    return started;
  }

  /** What all containers wrote. */
  get log(): string {
    return this.processes.map(({ log }) => log).join("\n");
  }

  /** The sum of an embedded metric. */
  metric(name: string): number {
    const values = this.log
      .split("\n")
      .filter((line) => line.startsWith("{") && line.includes('"_aws"'))
      .map((line) => (JSON.parse(line) as Record<string, number | number[]>)[name] ?? 0);
    return values.flat().reduce((sum, value) => sum + value, 0);
  }

  /** Takes everything out of the dead-letter queue. */
  async deadLetters(): Promise<Dead[]> {
    const url = this.env["DEAD_LETTER_QUEUE_URL"] ?? "";
    const dead: Dead[] = [];
    for (;;) {
      const records = await receive(this.sqs, url);
      if (records.length === 0) return dead;
      await remove(this.sqs, url, records);
      dead.push(
        ...records.map((record) => ({ body: record.body, reason: record.messageAttributes["Reason"]?.stringValue })),
      );
    }
  }

  async stop(): Promise<void> {
    await Promise.all(this.processes.map((process) => process.stop()));
    await Promise.all([this.postgres.stop(), this.receiver.stop(), this.aws.stop()]);
    this.sqs.destroy();
    rmSync(this.folder, { recursive: true, force: true });
  }
}
