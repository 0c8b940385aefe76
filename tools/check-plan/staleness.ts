import { GetObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { unzipSync } from "fflate";
import { type ClientConfig } from "../support/aws-clients";
import { stateVersion } from "../support/remote-state";
import { type StackFolder } from "../support/stack-folder";

interface State {
  readonly serial: number;
  readonly lineage: string;
}

/**
 * Whether something was applied since a plan was made, which Terraform will then refuse to apply: a sentence when it
 * was; undefined when the state is still the plan's.
 * @param binary the plan's file, which has the state that it was made from
 */
export async function staleness(
  binary: Buffer,
  clients: ClientConfig,
  stack: StackFolder,
): Promise<string | undefined> {
  const file = unzipSync(binary, { filter: ({ name }) => name === "tfstate" })["tfstate"];
  const planned = JSON.parse(Buffer.from(file ?? []).toString("utf8")) as State;
  const current = await stateNow(clients, stack);
  if (current.serial === planned.serial && current.lineage === planned.lineage) return undefined;
  const [was, is] = [planned, current].map(({ serial }) => String(serial));
  return current.lineage === planned.lineage || planned.lineage === ""
    ? `the state has changed since (serial ${String(was)} then, ${String(is)} now): this plan was applied, or somebody applied another`
    : "it was made from another state, which has been replaced or deleted since";
}

/** Without a state Terraform starts from serial 0. */
async function stateNow(clients: ClientConfig, stack: StackFolder): Promise<State> {
  if ((await stateVersion(clients, stack)) === undefined) return { serial: 0, lineage: "" };
  const { Body } = await new S3Client(clients).send(new GetObjectCommand({ Bucket: stack.bucket, Key: stack.key }));
  return JSON.parse((await Body?.transformToString()) ?? "") as State;
}
