import { CloudwatchLogGroup } from "@cdktf/provider-aws/lib/cloudwatch-log-group";
import { LambdaFunction } from "@cdktf/provider-aws/lib/lambda-function";
import { LambdaFunctionEventInvokeConfig } from "@cdktf/provider-aws/lib/lambda-function-event-invoke-config";
import { type ITerraformDependable } from "cdktf";
import { Construct } from "constructs";
import { checkInteger } from "../checks";
import { type Grantee, Role } from "../iam";
import { type AlarmSpec, type Graph, type Metric, type Monitored } from "../monitoring/alarm-spec";
import { checkLogRetention } from "../monitoring/log-retention";
import { PRIMARY, pathOf, physicalName } from "../naming";
import { type Connectable, type Network, SecurityGroup } from "../networking";
import { checkVariables } from "./environment";
import { FunctionCode } from "./function-code";

export interface FunctionProps {
  readonly network: Network;
  /** The path of the handler's source; the handler is its export `handler`. */
  readonly entry: string;
  /** MiB, 128 to 10240; CPU comes with it, one vCPU at 1769. */
  readonly memory: number;
  /** Seconds, 1 to 900. */
  readonly timeout: number;
  /** Settings; a secret is given as the ARN that the function reads it by. @default none */
  readonly environment?: Readonly<Record<string, string>>;
  /**
   * Copies that may run at a time, taken from the account's quota, of which Lambda keeps 100 free: with a new account's
   * quota, often 10, it refuses every reservation until the quota is raised to 1000. @default the account's quota
   */
  readonly reservedConcurrency?: number;
  /** What becomes of an event that nobody waits for, such as a schedule's. @default AWS's: 2 retries, within 6 hours */
  readonly asynchronous?: {
    /** How often a failed run is tried again, 0 to 2. */
    readonly retries: number;
    /** Seconds after which an event is dropped that was throttled or failed, 60 to 21600. */
    readonly maxAge: number;
  };
  /** Days. */
  readonly logRetentionDays: number;
}

/** What Lambda needs to attach a function to a VPC: it creates the network interfaces under the function's role. */
const NETWORK_INTERFACE_ACTIONS = [
  "ec2:AssignPrivateIpAddresses",
  "ec2:CreateNetworkInterface",
  "ec2:DeleteNetworkInterface",
  "ec2:DescribeNetworkInterfaces",
  "ec2:DescribeSubnets",
  "ec2:UnassignPrivateIpAddresses",
];

/** The part of its timeout that a run may take before somebody should look. */
const SLOW = 0.8;

/** A Node.js function in the private subnets that may do nothing but write its own log until something is granted to it. */
export class Function extends Construct implements Grantee, Connectable, Monitored {
  readonly name: string;
  readonly arn: string;
  readonly role: Role;
  readonly securityGroup: SecurityGroup;
  private readonly timeout: number;
  private readonly logGroup: string;

  constructor(scope: Construct, id: string, props: FunctionProps) {
    super(scope, id);
    const { network, memory, timeout, environment = {}, reservedConcurrency } = props;
    this.checkProps(props);
    this.timeout = timeout;
    this.name = physicalName(this, { max: 64 });
    this.logGroup = `/aws/lambda/${this.name}`;

    const path = pathOf(this).join("/");
    this.role = new Role(this, "role", { service: "lambda.amazonaws.com", description: `What ${path} may do` });
    const attach = this.role.allow("attach-to-network", { actions: NETWORK_INTERFACE_ACTIONS, resources: ["*"] });
    this.securityGroup = new SecurityGroup(this, "security-group", {
      network,
      description: `Function ${path}`,
      outbound: "anywhere",
      // Up to 45 minutes after the function Lambda deletes its network interfaces, under its role; the group waits for that.
      outlivedBy: attach,
    });
    const code = new FunctionCode(this, "code", { entry: props.entry });
    const { arn } = new LambdaFunction(this, PRIMARY, {
      functionName: this.name,
      role: this.role.arn,
      runtime: "nodejs22.x", // The newest that provider 5.100 accepts.
      architectures: ["arm64"], // About 20 % cheaper than x86_64.
      handler: code.handler,
      filename: code.path,
      sourceCodeHash: code.hash,
      memorySize: memory,
      timeout,
      reservedConcurrentExecutions: reservedConcurrency,
      environment: { variables: { ...environment, NODE_OPTIONS: "--enable-source-maps" } },
      vpcConfig: { subnetIds: network.privateSubnetIds, securityGroupIds: [this.securityGroup.id] },
      loggingConfig: {
        logFormat: "JSON",
        applicationLogLevel: "INFO",
        systemLogLevel: "INFO",
        logGroup: this.logGroup,
      },
      // Lambda checks the network permissions, and would make a log group without end.
      dependsOn: [attach, ...this.log(props.logRetentionDays)],
    });
    this.arn = arn;
    if (props.asynchronous) {
      new LambdaFunctionEventInvokeConfig(this, "asynchronous", {
        functionName: arn,
        maximumRetryAttempts: props.asynchronous.retries,
        maximumEventAgeInSeconds: props.asynchronous.maxAge,
      });
    }
  }

  alarms(): AlarmSpec[] {
    const { name, timeout, logGroup } = this;
    return [
      {
        id: "errors",
        description: `Runs of ${name} failed or timed out. Read the log group ${logGroup} at that minute.`,
        metric: this.metric("Errors", "Sum"),
        threshold: 0,
        minutes: 1,
        severity: "warning",
      },
      {
        id: "throttles",
        description:
          `Runs of ${name} were refused: as many as its reserved concurrency, or the account's quota, were under way. ` +
          "See whether runs take longer than usual; else raise the one that is reached.",
        metric: this.metric("Throttles", "Sum"),
        threshold: 0,
        minutes: 1,
        severity: "warning",
      },
      {
        id: "slow",
        description:
          `Runs of ${name} take more than ${String(SLOW * 100)} % of its timeout of ${String(timeout)} s, at which ` +
          `they would be broken off. See in ${logGroup} what they wait for.`,
        metric: this.metric("Duration", "p99"),
        threshold: SLOW * timeout * 1000,
        minutes: 3,
        severity: "warning",
      },
    ];
  }

  graphs(): Graph[] {
    return [
      {
        title: "Runs",
        metrics: [
          { ...this.metric("Invocations", "Sum"), label: "started" },
          { ...this.metric("Errors", "Sum"), label: "failed" },
          { ...this.metric("Throttles", "Sum"), label: "refused" },
        ],
      },
      {
        title: `Duration (timeout ${String(this.timeout)} s)`,
        metrics: [this.metric("Duration", "p50"), this.metric("Duration", "p99")],
        unit: "Milliseconds",
      },
      { title: "At the same time", metrics: [this.metric("ConcurrentExecutions", "Maximum")] },
    ];
  }

  private metric(name: string, statistic: string): Metric {
    return { namespace: "AWS/Lambda", name, dimensions: { FunctionName: this.name }, statistic };
  }

  /** The log group, and the right to write to it. */
  private log(retentionInDays: number): ITerraformDependable[] {
    const logs = new CloudwatchLogGroup(this, "logs", { name: this.logGroup, retentionInDays });
    return [
      logs,
      this.role.allow("write-logs", {
        actions: ["logs:CreateLogStream", "logs:PutLogEvents"],
        resources: [`${logs.arn}:log-stream:*`],
      }),
    ];
  }

  private checkProps(props: FunctionProps): void {
    const what = pathOf(this).join("/");
    const { memory, timeout, reservedConcurrency: reserved, asynchronous, environment } = props;
    const inRange = (name: string, got: unknown, [min, max]: [number, number], unit: string, fix: string) =>
      checkInteger(this, `${what}: ${name}`, got, min, max, fix, unit);

    inRange("memory", memory, [128, 10_240], "MiB", "These are Lambda's limits.");
    inRange("timeout", timeout, [1, 900], "seconds", "What takes longer belongs on Fargate.");
    if (reserved !== undefined) {
      inRange("reservedConcurrency", reserved, [1, 100_000], "copies", "Leave it out to use the account's quota.");
    }
    if (asynchronous !== undefined) {
      inRange("asynchronous.retries", asynchronous.retries, [0, 2], "", "These are Lambda's limits.");
      inRange("asynchronous.maxAge", asynchronous.maxAge, [60, 21_600], "seconds", "These are Lambda's limits.");
    }
    checkLogRetention(this, `${what}: logRetentionDays`, props.logRetentionDays);
    checkVariables(this, `${what}: environment`, environment ?? {});
  }
}
