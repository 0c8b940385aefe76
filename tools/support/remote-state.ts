import { DescribeTableCommand, DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { HeadBucketCommand, HeadObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { GetCallerIdentityCommand, STSClient } from "@aws-sdk/client-sts";
import type { ClientConfig } from "./aws-clients";
import { Failure } from "./failure";
import type { StackFolder } from "./stack-folder";
import { type Explanation, explain, missingCredentials, wrongAccount } from "./terraform-errors";

/**
 * Whose account the credentials are of.
 * @param again the command that goes on when AWS answers
 * @throws Failure without any
 */
export async function callerAccount(
  config: ClientConfig,
  environment: string,
  expected: string,
  again: string,
): Promise<string> {
  return new STSClient(config).send(new GetCallerIdentityCommand({})).then(
    ({ Account }) => Account ?? "unknown",
    (error: Error) => {
      throw failure(sdkProblem(error, environment, expected, again));
    },
  );
}

/** That it is an environment's. @throws Failure without credentials, or with those of another account */
export async function checkAccount(
  config: ClientConfig,
  environment: string,
  expected: string,
  again: string,
): Promise<void> {
  const got = await callerAccount(config, environment, expected, again);
  if (got !== expected) throw failure(wrongAccount(environment, expected, got));
}

/** The state object's ETag; undefined while there is none (or no bucket). */
export async function stateVersion(
  config: ClientConfig,
  { bucket, key }: Pick<StackFolder, "bucket" | "key">,
): Promise<string | undefined> {
  return found(new S3Client(config).send(new HeadObjectCommand({ Bucket: bucket, Key: key })).then(({ ETag }) => ETag));
}

/** Whether Terraform's lock file lies beside the state. */
export async function isLocked(
  config: ClientConfig,
  { bucket, key }: Pick<StackFolder, "bucket" | "key">,
): Promise<boolean> {
  return (await stateVersion(config, { bucket, key: `${key}.tflock` })) !== undefined;
}

/** @throws Failure when the name is taken by somebody else: bucket names are global */
export async function bucketExists(config: ClientConfig, bucket: string): Promise<boolean> {
  try {
    return (
      (await found(new S3Client(config).send(new HeadBucketCommand({ Bucket: bucket })).then(() => true))) ?? false
    );
  } catch (error) {
    if (status(error) !== 403) throw error;
    throw new Failure(
      `The bucket ${bucket} exists, and these credentials may not see it: it is another account's, or a right is missing (s3:ListBucket).`,
      {
        next: "aws sts get-caller-identity",
      },
    );
  }
}

export async function tableExists(config: ClientConfig, table: string): Promise<boolean> {
  return (
    (await found(new DynamoDBClient(config).send(new DescribeTableCommand({ TableName: table })).then(() => true))) ??
    false
  );
}

/** An answer; undefined when what was asked for is not there. */
export async function found<T>(answer: Promise<T>): Promise<T | undefined> {
  return answer.catch((error: unknown) => {
    if (status(error) === 404 || (error as Error).name === "ResourceNotFoundException") return undefined;
    throw error;
  });
}

function status(error: unknown): number | undefined {
  return (error as { $metadata?: { httpStatusCode?: number } }).$metadata?.httpStatusCode;
}

function sdkProblem(error: Error, environment: string, accountId: string, again: string): Explanation {
  if (/Credentials|Profile|Token is expired|SSO/.test(`${error.name} ${error.message}`)) {
    const { message, next } = missingCredentials(environment, accountId);
    return { message: `${message} (${error.message})`, ...(next && { next }) };
  }
  const cause = error.cause instanceof Error ? error.cause.message : "";
  return explain([`${error.name}: ${error.message} ${cause}`], {
    stack: `${environment}-state-stack`,
    environment,
    accountId,
    again,
  });
}

function failure({ message, next }: Explanation): Failure {
  return new Failure(message, next ? { next } : {});
}
