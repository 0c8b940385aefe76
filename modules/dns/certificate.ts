import { AcmCertificate } from "@cdktf/provider-aws/lib/acm-certificate";
import { AcmCertificateValidation } from "@cdktf/provider-aws/lib/acm-certificate-validation";
import { Route53Record } from "@cdktf/provider-aws/lib/route53-record";
import { Construct } from "constructs";
import { check } from "../checks";
import { PRIMARY, pathOf, physicalName } from "../naming";
import { type HostedZone } from "./hosted-zone";

export interface CertificateProps {
  readonly domain: string;
  readonly zone: HostedZone;
}

/** ACM puts the name where X.509 has room for so many characters. */
const LONGEST_NAME = 64;
/** Seconds that the proof may be cached: it never changes. */
const TTL = 300;

/** A public certificate for one name, free, proved and renewed by a record in the name's zone. */
export class Certificate extends Construct {
  /** Known once AWS has seen the proof, a minute or two. */
  readonly arn: string;

  constructor(scope: Construct, id: string, { domain, zone }: CertificateProps) {
    super(scope, id);
    check(this, String(domain).length <= LONGEST_NAME, {
      what: `${pathOf(this).join("/")}: domain`,
      got: domain,
      expected: `at most ${String(LONGEST_NAME)} characters, by ACM's limit`,
      fix: "Take a shorter domain, or the certificateArn of a certificate that has it as a further name.",
    });
    const certificate = new AcmCertificate(this, PRIMARY, {
      domainName: domain,
      validationMethod: "DNS",
      tags: { Name: physicalName(this, { max: 255 }) },
      lifecycle: { createBeforeDestroy: true }, // One in use cannot be deleted.
    });
    const proof = certificate.domainValidationOptions.get(0);
    const record = new Route53Record(this, "proof", {
      zoneId: zone.zoneId,
      name: proof.resourceRecordName,
      type: proof.resourceRecordType,
      records: [proof.resourceRecordValue],
      ttl: TTL,
      // All certificates of an account for one name have the same proof, which may be there already.
      allowOverwrite: true,
    });
    this.arn = new AcmCertificateValidation(this, "proved", {
      certificateArn: certificate.arn,
      validationRecordFqdns: [record.fqdn],
    }).certificateArn;
  }
}
