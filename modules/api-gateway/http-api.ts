import { Apigatewayv2Api } from "@cdktf/provider-aws/lib/apigatewayv2-api";
import { Apigatewayv2Integration } from "@cdktf/provider-aws/lib/apigatewayv2-integration";
import { Apigatewayv2Route } from "@cdktf/provider-aws/lib/apigatewayv2-route";
import { Apigatewayv2Stage } from "@cdktf/provider-aws/lib/apigatewayv2-stage";
import { CloudwatchLogGroup } from "@cdktf/provider-aws/lib/cloudwatch-log-group";
import { Fn } from "cdktf";
import { Construct } from "constructs";
import { check, checkInteger } from "../checks";
import { type Https } from "../dns";
import { type Function } from "../lambda";
import { type AlarmSpec, type Graph, type Metric, type Monitored } from "../monitoring/alarm-spec";
import { checkLogRetention } from "../monitoring/log-retention";
import { PRIMARY, digest, pathOf, physicalName } from "../naming";
import { CustomDomain } from "./custom-domain";

export interface HttpApiProps {
  /** What answers where: `{ "POST /events": api, "GET /events/{id}": api }`. Everything else is 404. */
  readonly routes: Readonly<Record<string, Function>>;
  /** Above which callers get a 429: requests a second in the long run, and how many at once. */
  readonly throttle: { readonly rate: number; readonly burst: number };
  /** The name that it answers to instead of AWS's own. @default none */
  readonly domain?: Https;
  /** Days that the access log is kept. */
  readonly logRetentionDays: number;
}

const ROUTE = /^(GET|HEAD|POST|PUT|PATCH|DELETE|OPTIONS|ANY) \/[\w\-.~/{}+]*$/;

/** What one line of the access log says; nothing of what a caller sends in a body or a header. */
const ACCESS_LOG = {
  requestId: "$context.requestId",
  time: "$context.requestTime",
  ip: "$context.identity.sourceIp",
  route: "$context.routeKey",
  path: "$context.path",
  status: "$context.status",
  bytes: "$context.responseLength",
  milliseconds: "$context.responseLatency",
  functionMilliseconds: "$context.integration.latency",
  error: "$context.error.message",
  functionError: "$context.integration.error",
};

/**
 * An HTTPS API whose routes are functions: about $1 a million requests, nothing while nobody calls. It has a limit on
 * how much it takes, and a log of who asked for what.
 */
export class HttpApi extends Construct implements Monitored {
  /** Where it answers: "https://…". */
  readonly url: string;
  /** The name that AWS gave it; with `domain`, where that must point. */
  readonly dnsName: string;
  private readonly api: Apigatewayv2Api;
  private readonly logGroup: string;

  constructor(scope: Construct, id: string, props: HttpApiProps) {
    super(scope, id);
    const { routes, throttle, domain } = props;
    this.checkProps(props);
    const name = physicalName(this, { max: 128 });
    // Below this prefix AWS needs no policy for each log group, of which an account may have ten.
    this.logGroup = `/aws/vendedlogs/apis/${name}`;
    this.api = new Apigatewayv2Api(this, PRIMARY, {
      name,
      protocolType: "HTTP",
      // With a name of its own, there is one door, and one certificate.
      disableExecuteApiEndpoint: domain !== undefined,
      tags: { Name: name }, // Two APIs may have one name; AWS knows them by an id.
    });
    const logs = new CloudwatchLogGroup(this, "logs", { name: this.logGroup, retentionInDays: props.logRetentionDays });
    this.route(routes);
    const stage = new Apigatewayv2Stage(this, "stage", {
      apiId: this.api.id,
      name: "$default",
      autoDeploy: true,
      tags: { Name: physicalName(this, { max: 255, suffix: "stage" }) },
      defaultRouteSettings: {
        throttlingRateLimit: throttle.rate,
        throttlingBurstLimit: throttle.burst,
        detailedMetricsEnabled: true,
      },
      accessLogSettings: { destinationArn: logs.arn, format: JSON.stringify(ACCESS_LOG) },
    });
    const named = domain && new CustomDomain(this, "domain", { ...domain, apiId: this.api.id, stage: stage.name });
    this.url = named?.url ?? this.api.apiEndpoint;
    this.dnsName = named?.target ?? Fn.trimprefix(this.api.apiEndpoint, "https://");
  }

  alarms(): AlarmSpec[] {
    return [
      {
        id: "errors",
        description:
          "More than 5 % of the requests have been answered with an error of ours (5xx) for 5 minutes. Read functionError in " +
          `the log group ${this.logGroup}, then the log of the function behind that route.`,
        // Each request is a data point, 0 or 1: the average is the rate.
        metric: this.metric("5xx", "Average"),
        threshold: 0.05,
        minutes: 5,
        severity: "critical",
      },
      {
        id: "latency",
        description:
          "The slowest answers (p99) have taken more than 2 seconds for 5 minutes. Compare milliseconds with " +
          `functionMilliseconds in the log group ${this.logGroup}: what is between them is cold starts and the gateway.`,
        metric: this.metric("Latency", "p99"),
        threshold: 2000,
        minutes: 5,
        severity: "critical",
      },
    ];
  }

  graphs(): Graph[] {
    return [
      { title: "Requests", metrics: [{ ...this.metric("Count", "Sum"), label: "requests" }] },
      {
        title: "Errors",
        metrics: [
          { ...this.metric("4xx", "Sum"), label: "of callers (4xx)" },
          { ...this.metric("5xx", "Sum"), label: "ours (5xx)" },
        ],
      },
      {
        title: "Latency",
        metrics: [this.metric("Latency", "p50"), this.metric("Latency", "p99")],
        unit: "Milliseconds",
      },
    ];
  }

  private metric(name: string, statistic: string): Metric {
    return { namespace: "AWS/ApiGateway", name, dimensions: { ApiId: this.api.id }, statistic };
  }

  /** One integration and one permission for each function, however many routes lead to it. */
  private route(routes: HttpApiProps["routes"]): void {
    const targets = new Map<Function, string>();
    for (const [key, handler] of Object.entries(routes).filter(([key]) => ROUTE.test(key))) {
      const target = targets.get(handler) ?? this.integration(handler);
      targets.set(handler, target);
      const id = routeId(key);
      // "GET /a-b" and "GET /a/b" read the same.
      new Apigatewayv2Route(this, this.node.tryFindChild(id) ? `${id}-${digest(key)}` : id, {
        apiId: this.api.id,
        routeKey: key,
        target,
      });
    }
  }

  private integration(handler: Function): string {
    const id = pathOf(handler).join("-");
    const { id: integration } = new Apigatewayv2Integration(this, id, {
      apiId: this.api.id,
      integrationType: "AWS_PROXY",
      integrationUri: handler.arn,
      payloadFormatVersion: "2.0",
      // Seconds × 1000; the gateway waits for 30 s at most.
      timeoutMilliseconds: 30_000,
    });
    handler.allowInvoke(`from-${pathOf(this).join("-")}`, "apigateway.amazonaws.com", `${this.api.executionArn}/*/*`);
    return `integrations/${integration}`;
  }

  private checkProps({ routes, throttle, logRetentionDays }: HttpApiProps): void {
    const what = pathOf(this).join("/");
    for (const key of Object.keys(routes)) {
      check(this, ROUTE.test(key), {
        what: `${what}: routes`,
        got: key,
        expected: 'a method and a path, "GET /events/{id}"',
        fix: "Write the method in capitals, a space, and a path that begins with /.",
      });
    }
    const fix = "A region's quota is 10000 a second, 5000 at once, for all APIs together.";
    checkInteger(this, `${what}: throttle.rate`, throttle.rate, 1, 10_000, fix, "requests a second");
    checkInteger(this, `${what}: throttle.burst`, throttle.burst, 1, 5000, fix, "requests");
    checkLogRetention(this, `${what}: logRetentionDays`, logRetentionDays);
  }
}

/** "GET /events/{id}" is `get-events-id`. */
function routeId(key: string): string {
  return key
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "-")
    .replace(/^-|-$/g, "");
}
