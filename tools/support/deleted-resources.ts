import { DescribeInstancesCommand, EC2Client } from "@aws-sdk/client-ec2";
import {
  DescribeClustersCommand,
  DescribeServicesCommand,
  DescribeTaskDefinitionCommand,
  ECSClient,
} from "@aws-sdk/client-ecs";
import { DescribeKeyCommand, KMSClient } from "@aws-sdk/client-kms";
import { DescribeSecretCommand, SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import type { ClientConfig } from "./aws-clients";
import { vpcFacts } from "./vpc-facts";

/** Whether what an ARN names is no more, as its own service says. */
type IsDeleted = (arn: string, clients: ClientConfig) => Promise<boolean>;

/** What AWS goes on listing by its tags for hours, some for months. Anything else is forgotten within minutes. */
const LINGERING: readonly (readonly [arn: RegExp, asksItself: IsDeleted])[] = [
  [
    /:ecs:[^:]*:\d*:cluster\//,
    async (arn, clients) => {
      const { clusters = [] } = await new ECSClient(clients).send(new DescribeClustersCommand({ clusters: [arn] }));
      return clusters.every(({ status }) => status === "INACTIVE");
    },
  ],
  [
    /:ecs:[^:]*:\d*:service\//,
    async (arn, clients) => {
      const [, cluster] = /:service\/([^/]+)\//.exec(arn) ?? [];
      const asked = new DescribeServicesCommand({ ...(cluster && { cluster }), services: [arn] });
      const { services = [] } = await new ECSClient(clients).send(asked);
      return services.every(({ status }) => status === "INACTIVE");
    },
  ],
  [
    /:ecs:[^:]*:\d*:task-definition\//,
    async (arn, clients) => {
      const asked = new DescribeTaskDefinitionCommand({ taskDefinition: arn });
      return (await new ECSClient(clients).send(asked)).taskDefinition?.status === "DELETE_IN_PROGRESS";
    },
  ],
  [
    // For a week at least: until then it can be taken back, but nothing is left that it would decrypt.
    /:kms:[^:]*:\d*:key\//,
    async (arn, clients) => {
      const { KeyMetadata } = await new KMSClient(clients).send(new DescribeKeyCommand({ KeyId: arn }));
      return KeyMetadata?.KeyState === "PendingDeletion";
    },
  ],
  [
    /:secretsmanager:/,
    async (arn, clients) => {
      await new SecretsManagerClient(clients).send(new DescribeSecretCommand({ SecretId: arn }));
      return false;
    },
  ],
  [
    /:ec2:[^:]*:\d*:instance\//,
    async (arn, clients) => {
      const asked = new DescribeInstancesCommand({ InstanceIds: [arn.replace(/^.*\//, "")] });
      const { Reservations = [] } = await new EC2Client(clients).send(asked);
      const instances = Reservations.flatMap((reservation) => reservation.Instances ?? []);
      return instances.every(({ State }) => State?.Name === "terminated");
    },
  ],
];

/** What `vpcFacts` knows of. */
const IN_VPC =
  /:ec2:[^:]*:\d*:(?:vpc|subnet|route-table|internet-gateway|elastic-ip|natgateway|vpc-endpoint|security-group|security-group-rule)\/(.+)$/;
const UNKNOWN = /NotFound|DoesNotExist|NoSuch|ClientException/;

/** Whether AWS goes on listing it by its tags, and it is no more. Of what stands in a VPC only `vpcFacts` knows. */
export async function isDeleted(arn: string, clients: ClientConfig): Promise<boolean> {
  const [, asksItself] = LINGERING.find(([pattern]) => pattern.test(arn)) ?? [];
  const answer = asksItself?.(arn, clients).catch((error: Error) => {
    if (UNKNOWN.test(error.name)) return true;
    throw error;
  });
  return (await answer) ?? false;
}

/** Of a deployment's ARNs, as AWS lists them by their tag, those that are still there. */
export async function existing(deployment: string, arns: readonly string[], clients: ClientConfig): Promise<string[]> {
  const facts = arns.some((arn) => IN_VPC.test(arn)) ? await vpcFacts(deployment, clients) : new Map();
  const there = await Promise.all(
    arns.map(async (arn) => {
      const [, id] = IN_VPC.exec(arn) ?? [];
      return id === undefined ? !(await isDeleted(arn, clients)) : facts.has(id);
    }),
  );
  return arns.filter((_, index) => there[index]);
}
