import { Cloudtrail } from "@cdktf/provider-aws/lib/cloudtrail";
import { CloudwatchDashboard } from "@cdktf/provider-aws/lib/cloudwatch-dashboard";
import { type Construct } from "constructs";
import { type Deployment } from "../deployment";
import { accountOf, arnOf } from "../modules/naming/arn";
import { physicalName } from "../modules/naming";
import { LogBucket } from "../modules/s3";
import { BaseStack } from "../stacks/base-stack";

/** Days that it can be looked up who did what. */
const TRAIL_DAYS = 365;

/** AWS tells what it bills in this region only, whatever the region that was used. */
const BILLING_REGION = "us-east-1";
/** Seconds: the estimate is renewed every six hours. */
const BILLING_PERIOD = 21_600;

/**
 * What there is once in an account, whatever the system: a record of every call of AWS's API, in all regions, that nobody can
 * change unseen; and a page that shows what the account costs. The first trail of an account costs its storage only.
 */
export class AccountStack extends BaseStack {
  constructor(scope: Construct, id: string, deployment: Deployment) {
    super(scope, id, deployment);
    const name = physicalName(this, { max: 100, suffix: "trail" });
    const logs = new LogBucket(this, "trail-logs", {
      retentionDays: TRAIL_DAYS,
      protect: true,
      writer: {
        service: "cloudtrail.amazonaws.com",
        path: `AWSLogs/${accountOf(this)}/*`,
        asks: true,
        onBehalfOf: arnOf(this, "cloudtrail", `trail/${name}`),
      },
    });
    new Cloudtrail(this, "trail", {
      name,
      s3BucketName: logs.name,
      isMultiRegionTrail: true,
      includeGlobalServiceEvents: true,
      enableLogFileValidation: true,
      dependsOn: [logs.writable],
    });
    const costs = new CloudwatchDashboard(this, "costs", {
      dashboardName: physicalName(this, { max: 255, suffix: "costs" }),
      dashboardBody: JSON.stringify({
        widgets: [
          graph("The month so far", { y: 0, height: 6, dimensions: "Currency" }),
          graph("By service", { y: 6, height: 12, dimensions: "Currency,ServiceName" }),
        ],
      }),
    });

    this.output("trail_bucket", logs.name, "Who called what of AWS's API, for a year");
    this.output(
      "cost_dashboard",
      costs.dashboardName,
      "What the account costs; empty until billing alerts are switched on",
    );
  }
}

/** A graph of every metric with these dimensions: services appear in it when they are first used. */
function graph(title: string, { y, height, dimensions }: { y: number; height: number; dimensions: string }): object {
  const expression = `SEARCH('{AWS/Billing,${dimensions}} MetricName="EstimatedCharges"', 'Maximum', ${String(BILLING_PERIOD)})`;
  return {
    type: "metric",
    x: 0,
    y,
    width: 24,
    height,
    properties: {
      title,
      view: "timeSeries",
      region: BILLING_REGION,
      period: BILLING_PERIOD,
      metrics: [[{ expression, id: "charges", label: "" }]],
      yAxis: { left: { min: 0, label: "USD", showUnits: false } },
    },
  };
}
