import { CodedeployApp } from "@cdktf/provider-aws/lib/codedeploy-app";
import { CodedeployDeploymentGroup } from "@cdktf/provider-aws/lib/codedeploy-deployment-group";
import { Construct } from "constructs";
import { check } from "../checks";
import { Role } from "../iam";
import { Alarm } from "../monitoring/alarm";
import { PRIMARY, pathOf, physicalName } from "../naming";
import { arnOf } from "../naming/arn";
import { type Objectives, missedObjectives } from "./watch";

/**
 * CodeDeploy's predefined configurations that leave most of the traffic with the old version for longer than the alarms
 * look back: a canary gets 10 % for that long and then all, a linear shift 10 % more each time.
 */
const KINDS = [
  "Canary10Percent10Minutes",
  "Canary10Percent15Minutes",
  "Canary10Percent30Minutes",
  "Linear10PercentEvery2Minutes",
  "Linear10PercentEvery3Minutes",
  "Linear10PercentEvery10Minutes",
] as const;

/** How the traffic moves: "Canary10Percent10Minutes". The names are CodeDeploy's. */
export type ShiftKind = (typeof KINDS)[number];

export interface ShiftProps {
  readonly function: Construct & { readonly name: string };
  readonly alias: string;
  /** The newest published version, which the alarms look at. */
  readonly version: string;
  readonly kind: ShiftKind;
  /** Above which the new version is taken back. @default 5 % of its runs fail, or their p99 is 2 s */
  readonly limits?: Objectives;
}

/**
 * Moves an alias's traffic to a new version step by step, and back at once when the new one, by itself, fails too often
 * or is slow: in the metrics of all traffic a tenth of it would hide. CodeDeploy does it for nothing, and starts only when
 * somebody says so (`npm run shift`).
 */
export class Shift extends Construct {
  constructor(scope: Construct, id: string, props: ShiftProps) {
    super(scope, id);
    const { function: shifted, alias, version, kind, limits = { errorRate: 5, p99: 2000 } } = props;
    const path = pathOf(shifted).join("/");
    check(this, KINDS.includes(kind), {
      what: `${path}: shift`,
      got: kind,
      expected: `one of ${KINDS.join(", ")}`,
      fix: "A shorter one has given the new version most of the traffic before its alarms, which look back 5 minutes, can tell.",
    });
    const alarms = missedObjectives(shifted.name, `/aws/lambda/${shifted.name}`, limits, {
      Resource: `${shifted.name}:${alias}`,
      ExecutedVersion: version,
    }).map((spec) => new Alarm(this, spec.id, { of: this, spec }));

    const role = new Role(this, "role", { service: "codedeploy.amazonaws.com", description: `Shifts ${path}` });
    role.allow(
      "shift",
      {
        actions: ["lambda:GetAlias", "lambda:UpdateAlias", "lambda:GetProvisionedConcurrencyConfig"],
        resources: [
          arnOf(this, "lambda", `function:${shifted.name}`),
          arnOf(this, "lambda", `function:${shifted.name}:*`),
        ],
      },
      // CloudWatch asks for the right to all of a region's alarms, whichever are named.
      { actions: ["cloudwatch:DescribeAlarms"], resources: [arnOf(this, "cloudwatch", "alarm:*")] },
    );
    const application = new CodedeployApp(this, "application", {
      name: physicalName(shifted, { max: 100 }),
      computePlatform: "Lambda",
    });
    new CodedeployDeploymentGroup(this, PRIMARY, {
      appName: application.name,
      deploymentGroupName: alias,
      tags: { Name: physicalName(this, { max: 255 }) },
      deploymentConfigName: `CodeDeployDefault.Lambda${kind}`,
      serviceRoleArn: role.arn,
      deploymentStyle: { deploymentType: "BLUE_GREEN", deploymentOption: "WITH_TRAFFIC_CONTROL" },
      alarmConfiguration: { enabled: true, alarms: alarms.map(({ name }) => name) },
      autoRollbackConfiguration: {
        enabled: true,
        events: ["DEPLOYMENT_FAILURE", "DEPLOYMENT_STOP_ON_ALARM", "DEPLOYMENT_STOP_ON_REQUEST"],
      },
    });
  }
}
