import { Lb } from "@cdktf/provider-aws/lib/lb";
import { LbListener } from "@cdktf/provider-aws/lib/lb-listener";
import { LbListenerRule } from "@cdktf/provider-aws/lib/lb-listener-rule";
import { type ITerraformDependable } from "cdktf";
import { Construct } from "constructs";
import { check } from "../checks";
import { Certificate, HostedZone, type Https, checkHttps } from "../dns";
import { PRIMARY, pathOf, physicalName } from "../naming";
import { accountOf } from "../naming/arn";
import { type Connectable, type Network, SecurityGroup } from "../networking";
import { LogBucket } from "../s3";

export interface LoadBalancerProps {
  readonly network: Network;
  /** Whether it refuses to be deleted. */
  readonly protect: boolean;
  /** The name that it answers to, and the zone or certificate of that name. @default none, which only `plainHttp` allows */
  readonly https?: Https;
  /** Whether it may go without `https` and speak plain HTTP, readable on the way: dev. @default false */
  readonly plainHttp?: boolean;
  /** Records of every request, in a bucket of its own; AWS delivers them every five minutes. @default none */
  readonly accessLogs?: { readonly retentionDays: number };
}

/** TLS 1.3, and 1.2 with forward secrecy only; post-quantum key exchange for clients that know it. AWS's own advice. */
const TLS_POLICY = "ELBSecurityPolicy-TLS13-1-2-Res-PQ-2025-09";
/**
 * Seconds that a connection may be silent, to callers and to targets. A target must keep its own open for longer, or
 * some request meets one that it just closed: a 502. (Node: `server.keepAliveTimeout = 65_000`, its default is 5 s.)
 */
const IDLE_TIMEOUT = 60;
const NOT_FOUND = {
  type: "fixed-response",
  fixedResponse: { contentType: "text/plain", messageBody: "Not found", statusCode: "404" },
};

/**
 * The only thing that the internet reaches, about $18 a month. With `https` it speaks TLS 1.2 or later and sends plain
 * HTTP there; without, it speaks plain HTTP, readable on the way: dev only. It answers to one name, and 404 to every
 * other, so that the scanners which try all addresses reach no service, and wake none.
 */
export class LoadBalancer extends Construct implements Connectable {
  /** The name that AWS gave it; with `https`, where the domain must point. */
  readonly dnsName: string;
  /** "https://api.example.com", or "http://" and the name that AWS gave it. */
  readonly url: string;
  /** What an output should say of the URL: that it is plain HTTP; empty with `https`. */
  readonly urlNote: string;
  readonly securityGroup: SecurityGroup;
  /** How CloudWatch names it. */
  readonly metricName: string;
  private readonly host: string;
  private readonly listener: LbListener;
  /** The path of the service that it forwards to. */
  private service?: string;

  constructor(scope: Construct, id: string, props: LoadBalancerProps) {
    super(scope, id);
    const { network, protect, https, plainHttp = false, accessLogs } = props;
    if (https) checkHttps(this, pathOf(this).join("/"), https);
    check(this, https !== undefined || plainHttp, {
      what: `${pathOf(this).join("/")}: https`,
      got: https,
      expected: "a domain, and its hostedZoneId or certificateArn: only dev may speak plain HTTP",
      fix: "Enter the account's https (environments/accounts.ts).",
    });
    const logs = accessLogs && this.logBucket(accessLogs.retentionDays, protect);
    this.securityGroup = new SecurityGroup(this, "security-group", {
      network,
      description: "The load balancer: open to the internet, reaches its targets only",
      outbound: "nowhere",
    });
    const balancer = new Lb(this, PRIMARY, {
      name: physicalName(this, { max: 32 }),
      loadBalancerType: "application",
      internal: false,
      ipAddressType: "ipv4",
      subnets: network.publicSubnetIds,
      securityGroups: [this.securityGroup.id],
      dropInvalidHeaderFields: true,
      idleTimeout: IDLE_TIMEOUT,
      enableDeletionProtection: protect,
      ...(logs && { accessLogs: { bucket: logs.name, enabled: true }, dependsOn: [logs.writable] }),
    });
    this.dnsName = balancer.dnsName;
    this.metricName = balancer.arnSuffix;
    this.host = https?.domain ?? this.dnsName;
    this.url = `${https ? "https" : "http"}://${this.host}`;
    this.urlNote = https ? "" : ", by plain HTTP, readable on the way: there is no domain (environments/accounts.ts)";
    this.listener = https ? this.encrypted(balancer, this.certificate(balancer, https)) : this.plain(balancer);
  }

  /**
   * Sends all requests to a target group. A load balancer has one: what it refuses while a sleeping service has no
   * task is counted for the whole of it.
   * @param to the service, which the rule belongs to
   * @returns what the service must wait for before it registers its tasks there
   */
  forward(to: Construct, targetGroupArn: string): ITerraformDependable {
    const path = pathOf(to).join("/");
    check(this, this.service === undefined, {
      what: `${pathOf(this).join("/")}: services`,
      got: [this.service, path],
      expected: "one service",
      fix: "Give the second a load balancer of its own.",
    });
    this.service = path;
    return new LbListenerRule(to, "rule", {
      listenerArn: this.listener.arn,
      priority: 1,
      condition: [{ hostHeader: { values: [this.host] } }],
      action: [{ type: "forward", targetGroupArn }],
      tags: { Name: physicalName(to, { max: 255, suffix: "rule" }) },
    });
  }

  /** The ARN of the one that is given; else one is made, and the name pointed here. */
  private certificate(balancer: Lb, { domain, hostedZoneId, certificateArn = "" }: Https): string {
    if (hostedZoneId === undefined) return certificateArn;
    const zone = new HostedZone(this, "zone", { id: hostedZoneId, domain });
    zone.alias("alias", domain, { dnsName: balancer.dnsName, zoneId: balancer.zoneId });
    return new Certificate(this, "certificate", { domain, zone }).arn;
  }

  /** ELB writes below its owner's number only, so that nobody can make it write here for another account. */
  private logBucket(retentionDays: number, protect: boolean): LogBucket {
    const writer = {
      service: "logdelivery.elasticloadbalancing.amazonaws.com",
      path: `AWSLogs/${accountOf(this)}/*`,
    };
    return new LogBucket(this, "access-logs", { retentionDays, protect, writer });
  }

  private encrypted(balancer: Lb, certificateArn: string): LbListener {
    this.securityGroup.allowFromInternet(80);
    this.securityGroup.allowFromInternet(443);
    new LbListener(this, "http", {
      loadBalancerArn: balancer.arn,
      port: 80,
      protocol: "HTTP",
      defaultAction: [{ type: "redirect", redirect: { protocol: "HTTPS", port: "443", statusCode: "HTTP_301" } }],
      tags: this.named("http"),
    });
    return new LbListener(this, "https", {
      loadBalancerArn: balancer.arn,
      port: 443,
      protocol: "HTTPS",
      sslPolicy: TLS_POLICY,
      certificateArn,
      defaultAction: [NOT_FOUND],
      tags: this.named("https"),
    });
  }

  private plain(balancer: Lb): LbListener {
    this.securityGroup.allowFromInternet(80);
    return new LbListener(this, "http", {
      loadBalancerArn: balancer.arn,
      port: 80,
      protocol: "HTTP",
      defaultAction: [NOT_FOUND],
      tags: this.named("http"),
    });
  }

  /** Listeners have no names; the console shows this one. */
  private named(id: string): { Name: string } {
    return { Name: physicalName(this, { max: 255, suffix: id }) };
  }
}
