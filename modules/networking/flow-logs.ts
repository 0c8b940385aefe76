import { CloudwatchLogGroup } from "@cdktf/provider-aws/lib/cloudwatch-log-group";
import { FlowLog } from "@cdktf/provider-aws/lib/flow-log";
import { Construct } from "constructs";
import { Role } from "../iam";
import { checkLogRetention } from "../monitoring/log-retention";
import { PRIMARY, pathOf, physicalName } from "../naming";

export interface FlowLogsProps {
  readonly vpcId: string;
  /** Days. Flow logs cost about $0.50 per GB. */
  readonly retentionDays: number;
}

/** Who spoke with whom in a VPC, accepted and rejected, in CloudWatch Logs. */
export class FlowLogs extends Construct {
  constructor(scope: Construct, id: string, props: FlowLogsProps) {
    super(scope, id);
    checkLogRetention(this, `${pathOf(this).join("/")}: retentionDays`, props.retentionDays);
    const name = physicalName(this, { max: 255 });
    const logs = new CloudwatchLogGroup(this, "logs", { name, retentionInDays: props.retentionDays });
    const role = new Role(this, "role", {
      service: "vpc-flow-logs.amazonaws.com",
      description: "Lets VPC flow logs write to their log group",
    });
    const write = role.allow("write", {
      actions: ["logs:CreateLogStream", "logs:DescribeLogStreams", "logs:PutLogEvents"],
      resources: [`${logs.arn}:*`],
    });
    new FlowLog(this, PRIMARY, {
      vpcId: props.vpcId,
      trafficType: "ALL",
      logDestinationType: "cloud-watch-logs",
      logDestination: logs.arn,
      iamRoleArn: role.arn,
      tags: { Name: name },
      dependsOn: [write],
    });
  }
}
