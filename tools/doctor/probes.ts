import { ApiGatewayV2Client, GetApiMappingsCommand, GetRoutesCommand } from "@aws-sdk/client-apigatewayv2";
import { DescribeRouteTablesCommand, EC2Client, type RouteTable } from "@aws-sdk/client-ec2";
import { GetInstanceProfileCommand, GetRoleCommand, IAMClient, type Tag } from "@aws-sdk/client-iam";
import { DescribeKeyCommand, KMSClient } from "@aws-sdk/client-kms";
import { GetAliasCommand, GetPolicyCommand, LambdaClient } from "@aws-sdk/client-lambda";
import { ListResourceRecordSetsCommand, type RRType, Route53Client } from "@aws-sdk/client-route-53";
import { GetBucketTaggingCommand, S3Client } from "@aws-sdk/client-s3";
import { GetScheduleCommand, SchedulerClient } from "@aws-sdk/client-scheduler";
import { DescribeSecretCommand, SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import { GetQueueUrlCommand, ListQueueTagsCommand, SQSClient } from "@aws-sdk/client-sqs";
import type { ClientConfig } from "../support/aws-clients";
import { bucketExists, found } from "../support/remote-state";
import type { Argument } from "./kinds";

/** What a look-up by name finds. */
export interface Probed {
  /** What `terraform import` takes. */
  readonly id: string;
  /** A secret that waits for its deletion, and holds its name until then. */
  readonly dying?: Date;
  /** Its tag says that it is of this deployment, of another one, or of none. */
  readonly deployment?: string;
}

type Probe = (argument: Argument, config: ClientConfig) => Promise<Probed | undefined>;

/**
 * How a type that AWS does not list by tag is looked for: by the name or the place that the code gives it. Without its
 * import an apply would fail with "already exists". What it lists is looked for too where it may not be listed yet (a
 * bucket), not be there any more (a secret), or where only its own service knows how to import it (a queue).
 */
export const PROBES: Readonly<Record<string, Probe>> = {
  aws_apigatewayv2_api_mapping: async (argument, config) => {
    const [DomainName, ApiId] = [argument("domain_name"), argument("api_id")];
    if (!DomainName || !ApiId) return undefined;
    const answer = await there(new ApiGatewayV2Client(config).send(new GetApiMappingsCommand({ DomainName })));
    const mapping = answer?.Items?.find((item) => item.ApiId === ApiId);
    return mapping?.ApiMappingId ? { id: `${mapping.ApiMappingId}/${DomainName}` } : undefined;
  },
  aws_apigatewayv2_route: async (argument, config) => {
    const [ApiId, key] = [argument("api_id"), argument("route_key")];
    if (!ApiId || !key) return undefined;
    const request = new GetRoutesCommand({ ApiId, MaxResults: "500" });
    const answer = await there(new ApiGatewayV2Client(config).send(request));
    const route = answer?.Items?.find(({ RouteKey }) => RouteKey === key);
    return route?.RouteId ? { id: `${ApiId}/${route.RouteId}` } : undefined;
  },
  aws_iam_instance_profile: async (argument, config) => {
    const name = argument("name");
    if (name === undefined) return undefined;
    const request = new GetInstanceProfileCommand({ InstanceProfileName: name });
    const answer = await there(new IAMClient(config).send(request));
    return answer && { id: name, deployment: deploymentIn(answer.InstanceProfile?.Tags) };
  },
  aws_iam_role: async (argument, config) => {
    const name = argument("name");
    if (name === undefined) return undefined;
    const answer = await there(new IAMClient(config).send(new GetRoleCommand({ RoleName: name })));
    return answer && { id: name, deployment: deploymentIn(answer.Role?.Tags) };
  },
  aws_kms_alias: async (argument, config) => {
    const name = argument("name");
    if (name === undefined) return undefined;
    return (await there(new KMSClient(config).send(new DescribeKeyCommand({ KeyId: name })))) && { id: name };
  },
  aws_lambda_alias: async (argument, config) => {
    const [FunctionName, Name] = [argument("function_name"), argument("name")];
    if (!FunctionName || !Name) return undefined;
    const answer = await there(new LambdaClient(config).send(new GetAliasCommand({ FunctionName, Name })));
    return answer && { id: `${functionName(FunctionName)}/${Name}` };
  },
  aws_lambda_permission: async (argument, config) => {
    const [FunctionName, statement] = [argument("function_name"), argument("statement_id")];
    const Qualifier = argument("qualifier");
    if (!FunctionName || !statement) return undefined;
    const answer = await there(new LambdaClient(config).send(new GetPolicyCommand({ FunctionName, Qualifier })));
    const name = `${functionName(FunctionName)}${Qualifier ? `:${Qualifier}` : ""}`;
    return answer?.Policy?.includes(`"${statement}"`) ? { id: `${name}/${statement}` } : undefined;
  },
  aws_route: async (argument, config) => {
    const [table, destination] = [argument("route_table_id"), argument("destination_cidr_block")];
    if (!table || !destination) return undefined;
    const route = (await routeTable(table, config))?.Routes?.find(
      ({ DestinationCidrBlock, Origin }) => DestinationCidrBlock === destination && Origin === "CreateRoute",
    );
    return route && { id: `${table}_${destination}` };
  },
  aws_route_table_association: async (argument, config) => {
    const [table, subnet] = [argument("route_table_id"), argument("subnet_id")];
    if (!table || !subnet) return undefined;
    const association = (await routeTable(table, config))?.Associations?.find(({ SubnetId }) => SubnetId === subnet);
    return association && { id: `${subnet}/${table}` };
  },
  aws_route53_record: async (argument, config) => {
    const [HostedZoneId, name, type] = [argument("zone_id"), argument("name"), argument("type")];
    if (!HostedZoneId || !name || !type) return undefined;
    const from = { StartRecordName: name, StartRecordType: type as RRType, MaxItems: 1 };
    const request = new ListResourceRecordSetsCommand({ HostedZoneId, ...from });
    const [record] = (await there(new Route53Client(config).send(request)))?.ResourceRecordSets ?? [];
    return record?.Name === `${name}.` && record.Type === type ? { id: `${HostedZoneId}_${name}_${type}` } : undefined;
  },
  aws_s3_bucket: async (argument, config) => {
    const Bucket = argument("bucket");
    if (!Bucket || !(await bucketExists(config, Bucket))) return undefined;
    // Terraform tags it in a second call. Its name, which has the account's number in it, is ours until then.
    const tags = await found(new S3Client(config).send(new GetBucketTaggingCommand({ Bucket })));
    return { id: Bucket, ...(tags && { deployment: deploymentIn(tags.TagSet) }) };
  },
  aws_scheduler_schedule: async (argument, config) => {
    const [GroupName, Name] = [argument("group_name"), argument("name")];
    if (!GroupName || !Name) return undefined;
    const answer = await there(new SchedulerClient(config).send(new GetScheduleCommand({ GroupName, Name })));
    return answer && { id: `${GroupName}/${Name}` };
  },
  aws_secretsmanager_secret: async (argument, config) => {
    const SecretId = argument("name");
    if (!SecretId) return undefined;
    const answer = await there(new SecretsManagerClient(config).send(new DescribeSecretCommand({ SecretId })));
    if (!answer?.ARN) return undefined;
    const deployment = deploymentIn(answer.Tags);
    return { id: answer.ARN, deployment, ...(answer.DeletedDate && { dying: answer.DeletedDate }) };
  },
  aws_sqs_queue: async (argument, config) => {
    const QueueName = argument("name");
    if (!QueueName) return undefined;
    const client = new SQSClient(config);
    // Its URL, which no rule makes on every endpoint.
    const url = (await there(client.send(new GetQueueUrlCommand({ QueueName }))))?.QueueUrl;
    const tags = url && (await there(client.send(new ListQueueTagsCommand({ QueueUrl: url }))));
    return tags ? { id: url, deployment: tags.Tags?.["deployment"] ?? "none" } : undefined;
  },
};

function deploymentIn(tags: readonly Partial<Tag>[] | undefined): string {
  return tags?.find(({ Key }) => Key === "deployment")?.Value ?? "none";
}

async function routeTable(id: string, config: ClientConfig): Promise<RouteTable | undefined> {
  const answer = await there(new EC2Client(config).send(new DescribeRouteTablesCommand({ RouteTableIds: [id] })));
  return answer?.RouteTables?.[0];
}

function functionName(nameOrArn: string): string {
  return nameOrArn.replace(/^arn:.*:function:/, "");
}

/** Each service has its own word for "not there". */
async function there<T>(answer: Promise<T>): Promise<T | undefined> {
  return found(answer).catch((error: unknown) => {
    if (/NotFound|NoSuchEntity|DoesNotExist/.test((error as Error).name)) return undefined;
    throw error;
  });
}
