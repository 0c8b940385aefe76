import { type Construct } from "constructs";
import { physicalName } from "../naming";

const LONGEST_NAME = 80;
/** Part of a FIFO queue's name. */
const FIFO_SUFFIX = ".fifo";

export function queueName(queue: Construct, fifo: boolean): string {
  const end = fifo ? FIFO_SUFFIX : "";
  return `${physicalName(queue, { max: LONGEST_NAME - end.length })}${end}`;
}

/** What is denied are all actions, also those to come: a denial is no grant. */
export function tlsOnly(arn: string): string {
  return JSON.stringify({
    Version: "2012-10-17",
    Statement: [
      {
        Sid: "TlsOnly",
        Effect: "Deny",
        Principal: "*",
        Action: "sqs:*",
        Resource: arn,
        Condition: { Bool: { "aws:SecureTransport": "false" } },
      },
    ],
  });
}
