import { createHash } from "node:crypto";
import { DynamoDBClient, GetItemCommand } from "@aws-sdk/client-dynamodb";
import { GetObjectCommand, ListObjectVersionsCommand, S3Client } from "@aws-sdk/client-s3";
import type { ClientConfig } from "./aws-clients";
import { found } from "./remote-state";
import type { StackFolder } from "./stack-folder";

export interface StoredObject {
  readonly text: string;
  /** Hexadecimal. */
  readonly md5: string;
  readonly written: Date;
}

/** A version of the state's object; a delete marker has no size and no md5. */
export interface StateVersion {
  readonly id: string;
  readonly written: Date;
  readonly latest: boolean;
  readonly deleted: boolean;
  /** Of an object that S3 encrypts with its own keys, as ours, the ETag is its md5. */
  readonly md5?: string;
}

/** What lies in the state bucket under a key; undefined when nothing does. */
export async function storedObject(
  config: ClientConfig,
  { bucket, key }: Pick<StackFolder, "bucket" | "key">,
  versionId?: string,
): Promise<StoredObject | undefined> {
  const request = new GetObjectCommand({ Bucket: bucket, Key: key, VersionId: versionId });
  const answer = await found(new S3Client(config).send(request));
  if (!answer) return undefined;
  const bytes = (await answer.Body?.transformToByteArray()) ?? new Uint8Array();
  return {
    text: Buffer.from(bytes).toString("utf8"),
    md5: createHash("md5").update(bytes).digest("hex"),
    written: answer.LastModified ?? new Date(0),
  };
}

/** The versions of the state, the newest first (of the newest thousand of the bucket that begin with the key). */
export async function stateVersions(config: ClientConfig, { bucket, key }: StackFolder): Promise<StateVersion[]> {
  const request = new ListObjectVersionsCommand({ Bucket: bucket, Prefix: key });
  const { Versions = [], DeleteMarkers = [] } = await new S3Client(config).send(request);
  const all = [
    ...Versions.map((version) => ({ ...version, deleted: false })),
    ...DeleteMarkers.map((marker) => ({ ...marker, ETag: undefined, deleted: true })),
  ];
  return all
    .filter(({ Key }) => Key === key)
    .map(({ VersionId, LastModified, IsLatest, ETag, deleted }) => ({
      id: String(VersionId),
      written: LastModified ?? new Date(0),
      latest: IsLatest ?? false,
      deleted,
      ...(ETag && { md5: ETag.replaceAll('"', "") }),
    }))
    .sort((a, b) => Number(b.latest) - Number(a.latest) || b.written.getTime() - a.written.getTime());
}

/** An item of the lock table: a lock under `<bucket>/<key>`, a checksum under `<bucket>/<key>-md5`. Undefined without item or table. */
export async function lockItem(
  config: ClientConfig,
  { lockTable }: Pick<StackFolder, "lockTable">,
  id: string,
): Promise<{ readonly info?: string; readonly digest?: string } | undefined> {
  const request = new GetItemCommand({ TableName: lockTable, Key: { LockID: { S: id } }, ConsistentRead: true });
  const answer = await found(new DynamoDBClient(config).send(request));
  if (!answer?.Item) return undefined;
  const { Info, Digest } = answer.Item;
  return { ...(Info?.S && { info: Info.S }), ...(Digest?.S && { digest: Digest.S }) };
}
