import { Apigatewayv2ApiMapping } from "@cdktf/provider-aws/lib/apigatewayv2-api-mapping";
import { Apigatewayv2DomainName } from "@cdktf/provider-aws/lib/apigatewayv2-domain-name";
import { Construct } from "constructs";
import { PRIMARY } from "../naming";

/** A name, and the ACM certificate for it, in the API's own region. */
export interface Domain {
  readonly domain: string;
  readonly certificateArn: string;
}

export interface CustomDomainProps extends Domain {
  readonly apiId: string;
  readonly stage: string;
}

/** The name that an API answers to, over TLS 1.2 or later. */
export class CustomDomain extends Construct {
  readonly url: string;
  /** Where the name must point, as a CNAME or alias. */
  readonly target: string;

  constructor(scope: Construct, id: string, { domain, certificateArn, apiId, stage }: CustomDomainProps) {
    super(scope, id);
    const name = new Apigatewayv2DomainName(this, PRIMARY, {
      domainName: domain,
      domainNameConfiguration: { certificateArn, endpointType: "REGIONAL", securityPolicy: "TLS_1_2" },
    });
    new Apigatewayv2ApiMapping(this, "mapping", { apiId, domainName: name.id, stage });
    this.url = `https://${domain}`;
    this.target = name.domainNameConfiguration.targetDomainName;
  }
}
