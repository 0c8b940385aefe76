import { S3Bucket } from "@cdktf/provider-aws/lib/s3-bucket";
import { S3BucketLifecycleConfiguration } from "@cdktf/provider-aws/lib/s3-bucket-lifecycle-configuration";
import { S3BucketOwnershipControls } from "@cdktf/provider-aws/lib/s3-bucket-ownership-controls";
import { S3BucketPolicy } from "@cdktf/provider-aws/lib/s3-bucket-policy";
import { S3BucketPublicAccessBlock } from "@cdktf/provider-aws/lib/s3-bucket-public-access-block";
import { S3BucketServerSideEncryptionConfigurationA } from "@cdktf/provider-aws/lib/s3-bucket-server-side-encryption-configuration";
import { S3BucketVersioningA } from "@cdktf/provider-aws/lib/s3-bucket-versioning";
import { type ITerraformDependable } from "cdktf";
import { Construct } from "constructs";
import { checkInteger } from "../checks";
import { tlsOnly } from "../iam";
import { PRIMARY, pathOf, physicalName } from "../naming";
import { accountOf } from "../naming/arn";

/** The AWS service that puts logs into a bucket. */
export interface LogWriter {
  /** "logdelivery.elasticloadbalancing.amazonaws.com" */
  readonly service: string;
  /** Below which it writes, this account's number in it: "AWSLogs/111111111111/*". */
  readonly path: string;
  /** The ARN of the only thing that it may write for. @default anything of this account: the path is its own */
  readonly onBehalfOf?: string;
  /** Whether it asks first whom the bucket belongs to. @default false */
  readonly asks?: boolean;
}

export interface LogBucketProps {
  /** Days that a log is kept, 1 to 3650. S3 costs about $0.023 a GB and month. */
  readonly retentionDays: number;
  /** Whether it refuses to be deleted while there is a log in it. */
  readonly protect: boolean;
  readonly writer: LogWriter;
}

/** A name has 63 characters at most, and is taken for all accounts of the world: the account's number makes it ours. */
const LONGEST_NAME = 63;

/**
 * A bucket that one AWS service writes its logs to: encrypted, versioned, owned by this account alone, closed to the public and
 * to plain HTTP. Logs expire.
 */
export class LogBucket extends Construct {
  readonly name: string;
  /** AWS tries to write as soon as it is told to: to be put into `dependsOn`. */
  readonly writable: ITerraformDependable;

  constructor(scope: Construct, id: string, { retentionDays, protect, writer }: LogBucketProps) {
    super(scope, id);
    const fix = "S3 deletes what is older.";
    checkInteger(this, `${pathOf(this).join("/")}: retentionDays`, retentionDays, 1, 3650, fix, "days");
    const end = `-${accountOf(this)}`;
    const bucket = new S3Bucket(this, PRIMARY, {
      bucket: `${physicalName(this, { max: LONGEST_NAME - "-123456789012".length })}${end}`,
      forceDestroy: !protect,
    });
    this.name = bucket.bucket;
    const closed = new S3BucketPublicAccessBlock(this, "closed", {
      bucket: bucket.id,
      blockPublicAcls: true,
      blockPublicPolicy: true,
      ignorePublicAcls: true,
      restrictPublicBuckets: true,
    });
    new S3BucketOwnershipControls(this, "ownership", {
      bucket: bucket.id,
      rule: { objectOwnership: "BucketOwnerEnforced" },
    });
    new S3BucketServerSideEncryptionConfigurationA(this, "encryption", {
      bucket: bucket.id,
      // Load balancers write to a bucket with S3's own keys only.
      rule: [{ applyServerSideEncryptionByDefault: { sseAlgorithm: "AES256" } }],
    });
    this.writable = new S3BucketPolicy(this, "policy", {
      bucket: bucket.id,
      policy: policy(bucket.arn, writer),
      dependsOn: [closed], // AWS refuses two changes of a bucket's policies at once.
    });
    this.expire(bucket, retentionDays);
  }

  private expire(bucket: S3Bucket, days: number): void {
    const versioning = new S3BucketVersioningA(this, "versions", {
      bucket: bucket.id,
      versioningConfiguration: { status: "Enabled" },
    });
    new S3BucketLifecycleConfiguration(this, "expiry", {
      bucket: bucket.id,
      rule: [
        {
          id: "expire",
          status: "Enabled",
          filter: [{ prefix: "" }],
          expiration: [{ days }],
          // Logs are written once: an old version is one that expired, or that somebody deleted.
          noncurrentVersionExpiration: [{ noncurrentDays: 7 }],
          abortIncompleteMultipartUpload: [{ daysAfterInitiation: 7 }],
        },
      ],
      dependsOn: [versioning],
    });
  }
}

function policy(arn: string, { service, path, onBehalfOf, asks = false }: LogWriter): string {
  const allow = (Sid: string, Action: string, Resource: string): object => ({
    Sid,
    Effect: "Allow",
    Principal: { Service: service },
    Action,
    Resource,
    ...(onBehalfOf !== undefined && { Condition: { StringEquals: { "aws:SourceArn": onBehalfOf } } }),
  });
  return JSON.stringify({
    Version: "2012-10-17",
    Statement: [
      ...(asks ? [allow("Owner", "s3:GetBucketAcl", arn)] : []),
      allow("Logs", "s3:PutObject", `${arn}/${path}`),
      tlsOnly("s3:*", [arn, `${arn}/*`]),
    ],
  });
}
