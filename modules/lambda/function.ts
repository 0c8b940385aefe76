import { CloudwatchLogGroup } from "@cdktf/provider-aws/lib/cloudwatch-log-group";
import { LambdaAlias } from "@cdktf/provider-aws/lib/lambda-alias";
import { LambdaFunction } from "@cdktf/provider-aws/lib/lambda-function";
import { LambdaFunctionEventInvokeConfig } from "@cdktf/provider-aws/lib/lambda-function-event-invoke-config";
import { LambdaPermission } from "@cdktf/provider-aws/lib/lambda-permission";
import { type ITerraformDependable } from "cdktf";
import { Construct } from "constructs";
import { check, checkInteger } from "../checks";
import { type Grantee, Role } from "../iam";
import { type AlarmSpec, type Graph, type Monitored } from "../monitoring/alarm-spec";
import { checkLogRetention } from "../monitoring/log-retention";
import { PRIMARY, pathOf, physicalName } from "../naming";
import { arnOf } from "../naming/arn";
import { type Connectable, type Network, SecurityGroup } from "../networking";
import { type MessageQueue } from "../sqs";
import { checkVariables } from "./environment";
import { EventSource, type EventSourceProps } from "./event-source";
import { FunctionCode } from "./function-code";
import { Shift, type ShiftKind } from "./shift";
import { type Objectives, functionAlarms, functionGraphs, type WatchedFunction } from "./watch";

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
  /**
   * Whether X-Ray records where runs spend their time: one a second and 5 % of the rest, about $5 a million.
   * @default false
   */
  readonly tracing?: boolean;
  /**
   * How a new version gets its traffic, a part at a time, by `npm run shift`; it goes back by itself when the new
   * version fails or is slow. @default none: all of it with the apply
   */
  readonly shift?: ShiftKind;
  /** What its alarms hold it to, where callers wait for it. @default none: each failed run counts */
  readonly objectives?: Objectives;
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

const TRACING_ACTIONS = ["xray:PutTelemetryRecords", "xray:PutTraceSegments"];

/** The version that everybody calls. */
const ALIAS = "live";

/**
 * A Node.js function in the private subnets that may do nothing but write its own log until something is granted to
 * it. Whoever runs it runs the alias `live`: a rollback points that at an earlier version.
 */
export class Function extends Construct implements Grantee, Connectable, Monitored {
  readonly name: string;
  /** Its alias `live`, for all that runs it. */
  readonly arn: string;
  /** The alias alone, for what takes it beside the name. */
  readonly qualifier: string;
  readonly role: Role;
  readonly securityGroup: SecurityGroup;
  private readonly live: LambdaAlias;
  private readonly timeout: number;
  private readonly reservedConcurrency: number | undefined;
  private readonly logGroup: string;
  private readonly watched: WatchedFunction;

  constructor(scope: Construct, id: string, props: FunctionProps) {
    super(scope, id);
    const { network, memory, timeout, environment = {}, reservedConcurrency, tracing = false } = props;
    this.checkProps(props);
    this.timeout = timeout;
    this.reservedConcurrency = reservedConcurrency;
    this.name = physicalName(this, { max: 64 });
    this.logGroup = `/aws/lambda/${this.name}`;
    this.watched = { name: this.name, logGroup: this.logGroup, timeout, objectives: props.objectives };

    const path = pathOf(this).join("/");
    this.role = new Role(this, "role", { service: "lambda.amazonaws.com", description: `What ${path} may do` });
    const attach = this.role.allow("attach-to-network", {
      actions: NETWORK_INTERFACE_ACTIONS,
      resources: ["*"],
      // Lambda itself uses the right; the condition is met by calls of the function's own code alone (Lambda Developer Guide).
      deniedWhen: { ArnEquals: { "lambda:SourceFunctionArn": arnOf(this, "lambda", `function:${this.name}`) } },
    });
    this.securityGroup = new SecurityGroup(this, "security-group", {
      network,
      description: `Function ${path}`,
      outbound: "anywhere",
      // Up to 45 minutes after the function Lambda deletes its network interfaces, under its role; the group waits for that.
      outlivedBy: attach,
    });
    check(this, network.privateSubnetIds.length > 0, {
      what: `${pathOf(this).join("/")}: network`,
      got: "no private subnets",
      expected: "private subnets, where functions run",
      fix: 'Let the network\'s tasks be "private": a function gets no public address.',
    });
    const code = new FunctionCode(this, "code", { entry: props.entry });
    if (tracing) this.role.allow("write-traces", { actions: TRACING_ACTIONS, resources: ["*"] });
    const { version } = new LambdaFunction(this, PRIMARY, {
      functionName: this.name,
      role: this.role.arn,
      runtime: "nodejs22.x", // The newest that provider 5.100 accepts.
      architectures: ["arm64"], // About 20 % cheaper than x86_64.
      handler: code.handler,
      filename: code.path,
      sourceCodeHash: code.hash,
      publish: true,
      memorySize: memory,
      timeout,
      reservedConcurrentExecutions: reservedConcurrency,
      environment: { variables: { ...environment, NODE_OPTIONS: "--enable-source-maps" } },
      ...(tracing && { tracingConfig: { mode: "Active" } }),
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
    this.live = this.alias(version, props);
    this.arn = this.live.arn;
    this.qualifier = this.live.name;
    if (props.asynchronous) {
      new LambdaFunctionEventInvokeConfig(this, "asynchronous", {
        functionName: this.live.functionName,
        qualifier: this.live.name,
        maximumRetryAttempts: props.asynchronous.retries,
        maximumEventAgeInSeconds: props.asynchronous.maxAge,
      });
    }
  }

  /** Works through a queue's messages, several in a run; what a run reports as failed goes back to the queue. */
  consume(queue: MessageQueue, props: EventSourceProps = {}): void {
    new EventSource(this, pathOf(queue).join("-"), {
      function: this,
      timeout: this.timeout,
      reservedConcurrency: this.reservedConcurrency,
      queue,
      ...props,
    });
  }

  /** Lets an AWS service run it, on behalf of one resource: `sourceArn`, this account's number in it. Not every service tells its account beside. */
  allowInvoke(id: string, service: string, sourceArn: string): ITerraformDependable {
    return new LambdaPermission(this, id, {
      functionName: this.live.functionName,
      qualifier: this.live.name,
      action: "lambda:InvokeFunction",
      principal: service,
      sourceArn,
    });
  }

  alarms(): AlarmSpec[] {
    return functionAlarms(this.watched);
  }

  graphs(): Graph[] {
    return functionGraphs(this.watched);
  }

  /** Where traffic is shifted, Terraform makes the alias once; which version it stands for is the shift's business. */
  private alias(version: string, { shift: kind, objectives }: FunctionProps): LambdaAlias {
    const alias = new LambdaAlias(this, "alias", {
      name: ALIAS,
      functionName: this.name,
      functionVersion: version,
      ...(kind !== undefined && { lifecycle: { ignoreChanges: ["function_version", "routing_config"] } }),
    });
    if (kind !== undefined) {
      new Shift(this, "shift", { function: this, alias: ALIAS, version, kind, limits: objectives });
    }
    return alias;
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
