import { ECRClient, paginateDescribeImages } from "@aws-sdk/client-ecr";
import { ListObjectVersionsCommand, S3Client } from "@aws-sdk/client-s3";
import { GetQueueAttributesCommand, SQSClient } from "@aws-sdk/client-sqs";
import type { ClientConfig } from "../support/aws-clients";
import type { RecordedResource } from "../support/recorded-state";

type Attributes = Readonly<Record<string, unknown>>;

/** What in a resource is lost with it, as AWS has it now: "3 messages". Undefined when nothing is in it. */
type Count = (attributes: Attributes, clients: ClientConfig) => Promise<string | undefined>;

const text = (value: unknown): string => (typeof value === "string" ? value : String(value ?? "?"));

const COUNTS: Readonly<Record<string, Count>> = {
  aws_db_instance: async ({ identifier, instance_class, allocated_storage }) =>
    `database ${text(identifier)}, ${text(instance_class)}, ${text(allocated_storage)} GiB, and its backups`,
  aws_rds_cluster: async ({ cluster_identifier, engine }) =>
    `database ${text(cluster_identifier)}, ${text(engine)}, and its backups`,
  aws_elasticache_replication_group: async ({ replication_group_id, node_type }) =>
    `cache ${text(replication_group_id)}, ${text(node_type)}, and its snapshots`,
  aws_sqs_queue: async ({ id, name }, clients) => {
    const all = [
      "ApproximateNumberOfMessages",
      "ApproximateNumberOfMessagesNotVisible",
      "ApproximateNumberOfMessagesDelayed",
    ] as const;
    const request = new GetQueueAttributesCommand({ QueueUrl: text(id), AttributeNames: [...all] });
    const { Attributes = {} } = await new SQSClient(clients).send(request);
    return counted(
      "queue",
      name,
      all.reduce((sum, one) => sum + Number(Attributes[one] ?? 0), 0),
      "message",
    );
  },
  aws_ecr_repository: async ({ name }, clients) => {
    let images = 0;
    const pages = paginateDescribeImages({ client: new ECRClient(clients) }, { repositoryName: text(name) });
    for await (const { imageDetails = [] } of pages) images += imageDetails.length;
    return counted("repository", name, images, "image");
  },
  aws_s3_bucket: async ({ bucket }, clients) => {
    const page = await new S3Client(clients).send(new ListObjectVersionsCommand({ Bucket: text(bucket) }));
    const count = page.Versions?.length ?? 0;
    return counted(
      "bucket",
      bucket,
      count,
      "version of an object",
      "versions of objects",
      page.IsTruncated ? "or more " : "",
    );
  },
  aws_dynamodb_table: async ({ name }) => `table ${text(name)}, and its backups`,
};

/** Of what there may be many, and whose number says enough. */
const NUMBERED: Readonly<Record<string, readonly [one: string, many: string]>> = {
  aws_secretsmanager_secret: ["secret", "secrets"],
  aws_cloudwatch_log_group: ["log group", "log groups"],
  aws_kms_key: ["key", "keys"],
};

/** What is lost with a deployment, one line each: databases first. What AWS does not tell is told by its name. */
export async function contents(resources: readonly RecordedResource[], clients: ClientConfig): Promise<string[]> {
  const types = Object.keys(COUNTS);
  const counted = [...resources]
    .filter(({ type }) => type in COUNTS)
    .sort((a, b) => types.indexOf(a.type) - types.indexOf(b.type))
    .map(async ({ address, type, attributes }) => {
      try {
        return await COUNTS[type]?.(attributes, clients);
      } catch (error) {
        return isGone(error) ? undefined : `${address}, which AWS does not count: ${(error as Error).name}`;
      }
    });
  const numbered = Object.entries(NUMBERED).flatMap(([type, [one, many]]) => {
    const number = resources.filter((resource) => resource.type === type).length;
    return number === 0 ? [] : [`${String(number)} ${number === 1 ? one : many}`];
  });
  return [...(await Promise.all(counted)).filter((line) => line !== undefined), ...numbered];
}

function counted(
  kind: string,
  name: unknown,
  count: number,
  one: string,
  many = `${one}s`,
  more = "",
): string | undefined {
  return count === 0 ? undefined : `${kind} ${text(name)}: ${String(count)} ${more}${count === 1 ? one : many}`;
}

function isGone(error: unknown): boolean {
  const { name, $metadata } = error as { name?: string; $metadata?: { httpStatusCode?: number } };
  return $metadata?.httpStatusCode === 404 || /NotFound|NonExistent|DoesNotExist|NoSuch/.test(name ?? "");
}
