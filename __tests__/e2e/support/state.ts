import { GetObjectCommand, ListObjectVersionsCommand, S3Client } from "@aws-sdk/client-s3";
import { type ClientConfig } from "../../../tools/support/aws-clients";
import { stateVersion } from "../../../tools/support/remote-state";
import { type StackFolder } from "../../../tools/support/stack-folder";
import { type Sandbox } from "./sandbox";
import { type Place } from "./secrets";

/** The state of a stack: every version that its bucket has (the newest thousand). */
export async function stateVersions(config: ClientConfig, { bucket, key }: StackFolder): Promise<Place[]> {
  const client = new S3Client(config);
  const { Versions = [] } = await client.send(new ListObjectVersionsCommand({ Bucket: bucket, Prefix: key }));
  return Promise.all(
    Versions.map(async ({ Key, VersionId }) => {
      const { Body } = await client.send(new GetObjectCommand({ Bucket: bucket, Key, VersionId }));
      const bytes = (await Body?.transformToByteArray()) ?? new Uint8Array();
      return { where: `s3://${bucket}/${String(Key)}?versionId=${String(VersionId)}`, bytes };
    }),
  );
}

/** The addresses of the managed resources that the state in the bucket has; none while there is no state. */
export async function recordedAddresses(config: ClientConfig, stack: StackFolder): Promise<string[]> {
  if ((await stateVersion(config, stack)) === undefined) return [];
  const { Body } = await new S3Client(config).send(new GetObjectCommand({ Bucket: stack.bucket, Key: stack.key }));
  const { resources } = JSON.parse((await Body?.transformToString()) ?? "{}") as {
    resources: { mode: string; type: string; name: string; instances: unknown[] }[];
  };
  return resources
    .filter(({ mode, instances }) => mode === "managed" && instances.length > 0)
    .map(({ type, name }) => `${type}.${name}`);
}

/** Enough of a state stack for states, as dev's account: the whole takes a minute, and has tests of its own. */
export async function makeStateBucket(sandbox: Sandbox, { bucket, lockTable, region }: StackFolder): Promise<void> {
  const location = ["--create-bucket-configuration", `LocationConstraint=${region}`];
  await sandbox.cli("s3api", "create-bucket", "--bucket", bucket, ...location);
  await sandbox.cli(
    ...["s3api", "put-bucket-versioning", "--bucket", bucket, "--versioning-configuration", "Status=Enabled"],
  );
  await sandbox.cli(
    ...["dynamodb", "create-table", "--table-name", lockTable, "--billing-mode", "PAY_PER_REQUEST"],
    ...["--attribute-definitions", "AttributeName=LockID,AttributeType=S"],
    ...["--key-schema", "AttributeName=LockID,KeyType=HASH"],
  );
}
