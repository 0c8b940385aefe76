import { KmsAlias } from "@cdktf/provider-aws/lib/kms-alias";
import { KmsKey } from "@cdktf/provider-aws/lib/kms-key";
import { SnsTopic } from "@cdktf/provider-aws/lib/sns-topic";
import { SnsTopicSubscription } from "@cdktf/provider-aws/lib/sns-topic-subscription";
import { Construct } from "constructs";
import { PRIMARY, pathOf, physicalName } from "../naming";
import { accountOf, arnOf } from "../naming/arn";

const CLOUDWATCH = { Service: "cloudwatch.amazonaws.com" };
const EVENTBRIDGE = { Service: "events.amazonaws.com" };

/** What administrators of the account may do with the key, if IAM lets them: everything but use it. */
const ADMINISTER = [
  "CancelKeyDeletion",
  "CreateAlias",
  "DeleteAlias",
  "DescribeKey",
  "DisableKey",
  "DisableKeyRotation",
  "EnableKey",
  "EnableKeyRotation",
  "GetKeyPolicy",
  "GetKeyRotationStatus",
  "ListGrants",
  "ListKeyPolicies",
  "ListKeyRotations",
  "ListResourceTags",
  "PutKeyPolicy",
  "RevokeGrant",
  "RotateKeyOnDemand",
  "ScheduleKeyDeletion",
  "TagResource",
  "UntagResource",
  "UpdateAlias",
  "UpdateKeyDescription",
];

/** A topic that CloudWatch's alarms and EventBridge's rules publish to and one address reads, encrypted with a key of its own. */
export class Topic extends Construct {
  readonly arn: string;

  constructor(scope: Construct, id: string, props: { readonly email: string }) {
    super(scope, id);
    const name = physicalName(this, { max: 256 });
    const ownArn = arnOf(this, "sns", name);
    const topic = new SnsTopic(this, PRIMARY, {
      name,
      kmsMasterKeyId: this.key(ownArn),
      policy: this.policy(ownArn),
    });
    new SnsTopicSubscription(this, "email", { topicArn: topic.arn, protocol: "email", endpoint: props.email });
    this.arn = topic.arn;
  }

  /** AWS's own key for SNS lets no service publish; one of ours does, for $1 a month. */
  private key(topicArn: string): string {
    // SNS names the topic in each use of the key. EventBridge sends no aws:SourceAccount along: with that condition,
    // its messages would be lost without an error.
    const ofTopic = { StringEquals: { "kms:EncryptionContext:aws:sns:topicArn": topicArn } };
    const ofAccount = { "aws:SourceAccount": accountOf(this) };
    const use = { Effect: "Allow", Action: ["kms:Decrypt", "kms:GenerateDataKey"], Resource: "*" };
    const key = new KmsKey(this, "key", {
      description: `Messages of the topic ${pathOf(this).join("/")}`,
      enableKeyRotation: true,
      tags: { Name: physicalName(this, { max: 255, suffix: "key" }) },
      deletionWindowInDays: 7, // The shortest: nothing is kept that it encrypts.
      policy: policy(
        {
          Sid: "Administer",
          Effect: "Allow",
          Principal: { AWS: arnOf(this, "iam", "root", "") },
          Action: ADMINISTER.map((action) => `kms:${action}`),
          Resource: "*",
        },
        {
          Sid: "CloudWatch",
          Principal: CLOUDWATCH,
          ...use,
          Condition: { StringEquals: { ...ofTopic.StringEquals, ...ofAccount } },
        },
        { Sid: "EventBridge", Principal: EVENTBRIDGE, ...use, Condition: ofTopic },
      ),
    });
    new KmsAlias(this, "key-alias", { name: `alias/${physicalName(key, { max: 250 })}`, targetKeyId: key.keyId });
    return key.arn;
  }

  private policy(arn: string): string {
    const publish = { Action: "sns:Publish", Resource: arn };
    return policy(
      {
        Sid: "CloudWatch",
        Effect: "Allow",
        Principal: CLOUDWATCH,
        ...publish,
        Condition: { StringEquals: { "aws:SourceAccount": accountOf(this) } },
      },
      // EventBridge does not support conditions in the policy of a topic.
      { Sid: "EventBridge", Effect: "Allow", Principal: EVENTBRIDGE, ...publish },
      {
        Sid: "TlsOnly",
        Effect: "Deny",
        Principal: "*",
        ...publish,
        Condition: { Bool: { "aws:SecureTransport": "false" } },
      },
    );
  }
}

function policy(...statements: readonly object[]): string {
  return JSON.stringify({ Version: "2012-10-17", Statement: statements });
}
