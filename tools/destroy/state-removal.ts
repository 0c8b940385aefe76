import { DeleteItemCommand, DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { DeleteObjectCommand, S3Client } from "@aws-sdk/client-s3";
import type { ClientConfig } from "../support/aws-clients";
import { Failure } from "../support/failure";
import { type RecordedState, parseState } from "../support/recorded-state";
import { storedObject } from "../support/state-object";
import { type Target, doctorOf } from "./target";

/**
 * What the state of a deployment says; undefined when there is none.
 * @throws Failure when it is no state
 */
export async function readState(target: Target, clients: ClientConfig): Promise<RecordedState | undefined> {
  const object = await storedObject(clients, target);
  if (!object) return undefined;
  const state = parseState(object.text);
  if (state) return state;
  throw new Failure(
    `s3://${target.bucket}/${target.key} is no state that Terraform can read. Nothing was changed. Copy an older version over it (docs/runbook.md, "An older state version restored").`,
    { next: doctorOf(target) },
  );
}

/**
 * Removes a state that has nothing in it, so that the deployment is listed no more; its versions stay in the bucket. The
 * checksum goes first: a checksum without its state would refuse the next deploy, a state without its checksum is well.
 * @throws Failure when there is something in it again
 */
export async function removeState(target: Target, clients: ClientConfig): Promise<void> {
  const state = await readState(target, clients);
  if (!state) return;
  if (state.resources.length > 0) {
    throw new Failure(
      `${target.deployment} was deployed again meanwhile: its state has ${String(state.resources.length)} resources. It was left as it is.`,
    );
  }
  const { bucket, key, lockTable } = target;
  const checksum = { TableName: lockTable, Key: { LockID: { S: `${bucket}/${key}-md5` } } };
  await new DynamoDBClient(clients).send(new DeleteItemCommand(checksum));
  await new S3Client(clients).send(new DeleteObjectCommand({ Bucket: bucket, Key: key }));
}
