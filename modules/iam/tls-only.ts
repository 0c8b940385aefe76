/**
 * The statement of a resource's policy that refuses plain HTTP to everybody.
 * @param actions all of the service's, also those to come: a denial is no grant
 */
export function tlsOnly(actions: "s3:*" | "sqs:*", resource: string | readonly string[]): object {
  return {
    Sid: "TlsOnly",
    Effect: "Deny",
    Principal: "*",
    Action: actions,
    Resource: resource,
    Condition: { Bool: { "aws:SecureTransport": "false" } },
  };
}
