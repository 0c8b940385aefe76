import { type Construct } from "constructs";
import { check } from "../checks";

/** A name that something answers to, over HTTPS. Of zone and certificate there is one. */
export interface Https {
  /** "api.example.com" */
  readonly domain: string;
  /** The id of the public hosted zone that the name is in, of this account: certificate and records are made there. @default none */
  readonly hostedZoneId?: string;
  /** The ARN of an ACM certificate for the name, of this region; then who has the zone makes the record. @default none */
  readonly certificateArn?: string;
}

const DOMAIN = /^(?=.{1,253}$)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9-]{0,61}[a-z0-9]$/;
const ZONE = /^Z[A-Z0-9]{5,31}$/;
const CERTIFICATE = /^arn:aws[a-z-]*:acm:[a-z0-9-]+:\d{12}:certificate\/[\w-]+$/;

/** Whether it can be the name of something on the internet: in lower case, with a dot. */
export function isDomain(value: unknown): boolean {
  return typeof value === "string" && DOMAIN.test(value);
}

/** Whether it can be the ARN of a certificate of ACM. */
export function isCertificate(value: unknown): boolean {
  return typeof value === "string" && CERTIFICATE.test(value);
}

/** `check` a name, and that either its zone or its certificate is known. `what` names the construct: "load-balancer". */
export function checkHttps(scope: Construct, what: string, https: Https): boolean {
  const { domain, hostedZoneId, certificateArn } = https;
  const is = (pattern: RegExp, value: unknown): boolean => typeof value === "string" && pattern.test(value);
  const named = check(scope, isDomain(domain), {
    what: `${what}: https.domain`,
    got: domain,
    expected: "a domain name in lower case",
    fix: "See api.example.com.",
  });
  const one = check(scope, (hostedZoneId === undefined) !== (certificateArn === undefined), {
    what: `${what}: https`,
    got: { domain, hostedZoneId, certificateArn },
    expected: "either a hostedZoneId or a certificateArn beside the domain",
    fix: "With the zone, certificate and record are made; a certificate of your own needs a record of your own. Without a domain, leave https out.",
  });
  if (!one) return false;
  const proved =
    hostedZoneId !== undefined
      ? check(scope, is(ZONE, hostedZoneId), {
          what: `${what}: https.hostedZoneId`,
          got: hostedZoneId,
          expected: "the id of a hosted zone in Route 53",
          fix: "See aws route53 list-hosted-zones: Z0123456789ABCDEFGHIJ.",
        })
      : check(scope, is(CERTIFICATE, certificateArn), {
          what: `${what}: https.certificateArn`,
          got: certificateArn,
          expected: "the ARN of an ACM certificate",
          fix: "See aws acm list-certificates.",
        });
  return named && proved;
}
