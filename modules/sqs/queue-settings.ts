import { type Construct } from "constructs";
import { tlsOnly } from "../iam";
import { physicalName } from "../naming";

const LONGEST_NAME = 80;
/** Part of a FIFO queue's name. */
const FIFO_SUFFIX = ".fifo";

export function queueName(queue: Construct, fifo: boolean): string {
  const end = fifo ? FIFO_SUFFIX : "";
  return `${physicalName(queue, { max: LONGEST_NAME - end.length })}${end}`;
}

/** A queue's own policy. */
export function policyOf(arn: string): string {
  return JSON.stringify({ Version: "2012-10-17", Statement: [tlsOnly("sqs:*", arn)] });
}
