import { DataAwsRoute53Zone } from "@cdktf/provider-aws/lib/data-aws-route53-zone";
import { Route53Record } from "@cdktf/provider-aws/lib/route53-record";
import { Fn, Op, TerraformSelf } from "cdktf";
import { Construct } from "constructs";
import { PRIMARY, pathOf } from "../naming";

export interface HostedZoneProps {
  readonly id: string;
  /** The name that is to be in it. */
  readonly domain: string;
}

/** A public hosted zone of the account, made outside of Groundplan. A plan fails when the name could never be found in it. */
export class HostedZone extends Construct {
  readonly zoneId: string;
  private readonly zone: DataAwsRoute53Zone;

  constructor(scope: Construct, id: string, { id: zoneId, domain }: HostedZoneProps) {
    super(scope, id);
    const inZone = Fn.endswith(`.${domain}`, `.${TerraformSelf.getString("name")}`);
    this.zone = new DataAwsRoute53Zone(this, PRIMARY, {
      zoneId,
      lifecycle: {
        postcondition: [
          {
            condition: Op.and(inZone, Op.not(TerraformSelf.getAny("private_zone"))),
            errorMessage:
              `${pathOf(this).join("/")}: ${domain} cannot be in the hosted zone ${zoneId}, \${self.name}, or that is a ` +
              "private one, which nobody outside sees. Take the public zone of the domain.",
          },
        ],
      },
    });
    this.zoneId = this.zone.zoneId;
  }

  /** Points a name at something of AWS, for nothing; unlike a CNAME also the zone's own name. */
  alias(id: string, domain: string, target: { readonly dnsName: string; readonly zoneId: string }): void {
    new Route53Record(this, id, {
      // By itself, so that the doctor finds a record that a killed deploy left; and not before the zone was looked at.
      zoneId: String(this.zone.zoneIdInput),
      dependsOn: [this.zone],
      name: domain,
      type: "A",
      // There is no other record to take its place.
      alias: { name: target.dnsName, zoneId: target.zoneId, evaluateTargetHealth: false },
    });
  }
}
