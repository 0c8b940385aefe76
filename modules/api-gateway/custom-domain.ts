import { Apigatewayv2ApiMapping } from "@cdktf/provider-aws/lib/apigatewayv2-api-mapping";
import { Apigatewayv2DomainName } from "@cdktf/provider-aws/lib/apigatewayv2-domain-name";
import { Construct } from "constructs";
import { Certificate, HostedZone, type Https, checkHttps } from "../dns";
import { PRIMARY, pathOf } from "../naming";

export interface CustomDomainProps extends Https {
  readonly apiId: string;
  readonly stage: string;
}

/** The name that an API answers to, over TLS 1.2 or later. */
export class CustomDomain extends Construct {
  readonly url: string;
  /** Where the name must point, as a CNAME or alias; with its hosted zone it does. */
  readonly target: string;

  constructor(scope: Construct, id: string, props: CustomDomainProps) {
    super(scope, id);
    const { domain, hostedZoneId, apiId, stage } = props;
    checkHttps(this, pathOf(this).join("/"), props);
    const zone = hostedZoneId === undefined ? undefined : new HostedZone(this, "zone", { id: hostedZoneId, domain });
    const certificateArn = zone
      ? new Certificate(this, "certificate", { domain, zone }).arn
      : (props.certificateArn ?? "");
    const name = new Apigatewayv2DomainName(this, PRIMARY, {
      domainName: domain,
      domainNameConfiguration: { certificateArn, endpointType: "REGIONAL", securityPolicy: "TLS_1_2" },
    });
    new Apigatewayv2ApiMapping(this, "mapping", { apiId, domainName: name.id, stage });
    const { targetDomainName, hostedZoneId: targetZone } = name.domainNameConfiguration;
    zone?.alias("alias", domain, { dnsName: targetDomainName, zoneId: targetZone });
    this.url = `https://${domain}`;
    this.target = targetDomainName;
  }
}
