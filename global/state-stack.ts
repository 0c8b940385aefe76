import { DynamodbTable } from "@cdktf/provider-aws/lib/dynamodb-table";
import { S3Bucket } from "@cdktf/provider-aws/lib/s3-bucket";
import { S3BucketLifecycleConfiguration } from "@cdktf/provider-aws/lib/s3-bucket-lifecycle-configuration";
import { S3BucketOwnershipControls } from "@cdktf/provider-aws/lib/s3-bucket-ownership-controls";
import { S3BucketPolicy } from "@cdktf/provider-aws/lib/s3-bucket-policy";
import { S3BucketPublicAccessBlock } from "@cdktf/provider-aws/lib/s3-bucket-public-access-block";
import { S3BucketServerSideEncryptionConfigurationA } from "@cdktf/provider-aws/lib/s3-bucket-server-side-encryption-configuration";
import { S3BucketVersioningA } from "@cdktf/provider-aws/lib/s3-bucket-versioning";
import { type Construct } from "constructs";
import { type Deployment, lockTable, stateBucket, stateStackKey } from "../deployment";
import { tlsOnly } from "../modules/iam";
import { BaseStack } from "../stacks/base-stack";

/** Days that an overwritten state can be brought back; the runbook says how. */
const OLD_VERSION_DAYS = 90;

/**
 * The bucket and the lock table of one environment's account: encrypted, versioned, closed to the public and to plain
 * HTTP, and neither is ever destroyed by Terraform. Every system's states of that environment live in it.
 */
export class StateStack extends BaseStack {
  constructor(scope: Construct, id: string, deployment: Deployment) {
    super(scope, id, deployment, stateStackKey(deployment.environment));
    const lifecycle = { preventDestroy: true };

    const bucket = new S3Bucket(this, "states", {
      bucket: stateBucket(deployment.environment, deployment.account),
      lifecycle,
    });
    const closed = new S3BucketPublicAccessBlock(this, "states-closed", {
      bucket: bucket.id,
      blockPublicAcls: true,
      blockPublicPolicy: true,
      ignorePublicAcls: true,
      restrictPublicBuckets: true,
    });
    new S3BucketOwnershipControls(this, "states-ownership", {
      bucket: bucket.id,
      rule: { objectOwnership: "BucketOwnerEnforced" },
    });
    const versioning = new S3BucketVersioningA(this, "states-versions", {
      bucket: bucket.id,
      versioningConfiguration: { status: "Enabled" },
    });
    new S3BucketServerSideEncryptionConfigurationA(this, "states-encryption", {
      bucket: bucket.id,
      rule: [{ applyServerSideEncryptionByDefault: { sseAlgorithm: "AES256" } }],
    });
    new S3BucketPolicy(this, "states-tls-only", {
      bucket: bucket.id,
      policy: JSON.stringify({
        Version: "2012-10-17",
        Statement: [tlsOnly("s3:*", [bucket.arn, `${bucket.arn}/*`])],
      }),
      // AWS refuses two changes of a bucket's policies at once.
      dependsOn: [closed],
    });
    new S3BucketLifecycleConfiguration(this, "states-old-versions", {
      bucket: bucket.id,
      rule: [
        {
          id: "expire-old-versions",
          status: "Enabled",
          filter: [{ prefix: "" }],
          noncurrentVersionExpiration: [{ noncurrentDays: OLD_VERSION_DAYS, newerNoncurrentVersions: 10 }],
          abortIncompleteMultipartUpload: [{ daysAfterInitiation: 7 }],
        },
      ],
      dependsOn: [versioning],
    });

    const locks = new DynamodbTable(this, "locks", {
      name: lockTable(deployment.environment),
      billingMode: "PAY_PER_REQUEST",
      hashKey: "LockID",
      attribute: [{ name: "LockID", type: "S" }],
      pointInTimeRecovery: { enabled: true },
      serverSideEncryption: { enabled: true },
      deletionProtectionEnabled: true,
      lifecycle,
    });

    this.output("state_bucket", bucket.bucket, "Where the states of this environment are");
    this.output("lock_table", locks.name, "Where the locks on them are");
  }
}
