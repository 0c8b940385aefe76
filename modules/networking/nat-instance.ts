import { CloudwatchMetricAlarm } from "@cdktf/provider-aws/lib/cloudwatch-metric-alarm";
import { DataAwsSsmParameter } from "@cdktf/provider-aws/lib/data-aws-ssm-parameter";
import { IamInstanceProfile } from "@cdktf/provider-aws/lib/iam-instance-profile";
import { Instance } from "@cdktf/provider-aws/lib/instance";
import { NetworkInterface } from "@cdktf/provider-aws/lib/network-interface";
import { VpcSecurityGroupIngressRule } from "@cdktf/provider-aws/lib/vpc-security-group-ingress-rule";
import { type ITerraformDependable } from "cdktf";
import { Construct } from "constructs";
import { Role } from "../iam";
import { type AlarmSpec, type Graph, type Metric } from "../monitoring/alarm-spec";
import { PRIMARY, pathOf, physicalName } from "../naming";
import { arnOf, partitionOf, regionOf } from "../naming/arn";
import { type Nat, type NatProps, publicAddress } from "./nat";
import { natUserData } from "./nat-user-data";
import { SecurityGroup } from "./security-group";

/** The newest Amazon Linux 2023, without what a router does not need. */
const IMAGE = "/aws/service/ami-amazon-linux-latest/al2023-ami-minimal-kernel-default-arm64";
/** Minutes: EC2's metrics but its checks come so often, credits even with detailed monitoring. */
const METRICS_EVERY = 5;
/** GiB; the image itself has 2. */
const ROOT_VOLUME = 4;

/**
 * A NAT on the smallest ARM instance, about $3 a month: for environments that may be without a way out for some minutes.
 * It lasts 32 Mbit/s, and for a while up to 5 Gbit/s. It accepts no connection of its own: what it gets, it passes on to
 * the internet or drops, and people reach it through Session Manager only.
 *
 * Route and public address belong to its network interface, and stay when the instance is replaced. When AWS's hardware
 * fails EC2 moves it, when its system hangs an alarm reboots it. A newer image never replaces it by itself: ask for that with
 * `-replace` (docs/runbook.md).
 */
export class NatInstance extends Construct implements Nat {
  readonly target: { readonly networkInterfaceId: string };
  private readonly instanceId: string;

  constructor(
    scope: Construct,
    id: string,
    private readonly props: NatProps,
  ) {
    super(scope, id);
    const { network, subnetId, from } = props;
    const tags = { Name: physicalName(this, { max: 255 }) };
    const nic = new NetworkInterface(this, "interface", {
      description: `NAT ${pathOf(this).join("/")}`,
      subnetId,
      securityGroups: [this.group().id],
      sourceDestCheck: false, // What it passes on is neither from it nor for it.
      tags,
    });
    const address = publicAddress(this, { networkInterface: nic.id });
    const { profile, rights } = this.profile();
    const instance = new Instance(this, PRIMARY, {
      ami: new DataAwsSsmParameter(this, "image", { name: IMAGE }).insecureValue,
      instanceType: "t4g.nano",
      networkInterface: [{ deviceIndex: 0, networkInterfaceId: nic.id, deleteOnTermination: false }],
      iamInstanceProfile: profile.name,
      userData: natUserData({ vpc: network.cidr, from }),
      userDataReplaceOnChange: true,
      metadataOptions: { httpEndpoint: "enabled", httpTokens: "required", httpPutResponseHopLimit: 1 },
      rootBlockDevice: { encrypted: true, volumeType: "gp3", volumeSize: ROOT_VOLUME, tags },
      maintenanceOptions: { autoRecovery: "default" },
      // T4g's own default, "unlimited", would bill what is used above the baseline: up to $58 a month.
      creditSpecification: { cpuCredits: "standard" },
      tags,
      // Its first boot installs packages from the internet.
      dependsOn: [address, ...rights],
      lifecycle: { ignoreChanges: ["ami"] },
    });
    this.instanceId = instance.id;
    this.target = { networkInterfaceId: nic.id };
    this.reboot();
  }

  alarms(): AlarmSpec[] {
    return [
      {
        id: `${this.node.id}-down`,
        description:
          `The NAT instance ${pathOf(this).join("/")} has failed EC2's checks for 5 minutes, or is gone; nothing private ` +
          "reaches the internet. EC2 moves it and an alarm reboots it by themselves: if it lasts, replace it (docs/runbook.md).",
        metric: this.metric("StatusCheckFailed", "Maximum"),
        threshold: 0,
        minutes: 5,
        missing: "alarm",
        severity: "critical",
      },
      {
        id: `${this.node.id}-credits`,
        description:
          `The NAT instance ${pathOf(this).join("/")} has used up its CPU credits for 15 minutes, and is slow now. If it ` +
          'often is, let nat be "single".',
        metric: this.metric("CPUCreditBalance", "Minimum"),
        threshold: 1,
        when: "below",
        minutes: 15,
        every: METRICS_EVERY,
        severity: "warning",
      },
    ];
  }

  graphs(): Graph[] {
    const { id } = this.node;
    return [
      {
        title: `Bytes every ${String(METRICS_EVERY)} minutes through ${id}`,
        metrics: [
          { ...this.metric("NetworkOut", "Sum"), label: "out" },
          { ...this.metric("NetworkIn", "Sum"), label: "in" },
        ],
        unit: "Bytes",
      },
      { title: `CPU credits of ${id}`, metrics: [this.metric("CPUCreditBalance", "Minimum")] },
    ];
  }

  /** What a router gets is from others and for others, on any port: it is let in by subnet. Its own firewall drops the rest. */
  private group(): SecurityGroup {
    const { network, from } = this.props;
    const group = new SecurityGroup(this, "security-group", {
      network,
      description: "The NAT instance: passes on what private subnets send to the internet",
      outbound: "anywhere",
    });
    for (const [index, cidr] of from.entries()) {
      const id = `from-private-${String(index)}`;
      new VpcSecurityGroupIngressRule(group, id, {
        securityGroupId: group.id,
        description: "From a private subnet, to the internet",
        ipProtocol: "-1",
        cidrIpv4: cidr,
        tags: { Name: physicalName(group, { max: 255, suffix: id }) },
      });
    }
    return group;
  }

  /** What Session Manager needs for a shell, and nothing of AmazonSSMManagedInstanceCore beside: that reads every parameter. */
  private profile(): { profile: IamInstanceProfile; rights: ITerraformDependable[] } {
    const role = new Role(this, "role", {
      service: "ec2.amazonaws.com",
      description: "Lets people reach the NAT instance through Session Manager",
    });
    const channels = ["CreateControlChannel", "CreateDataChannel", "OpenControlChannel", "OpenDataChannel"];
    const rights = role.allow(
      "session-manager",
      { actions: channels.map((action) => `ssmmessages:${action}`), resources: ["*"] },
      { actions: ["ssm:UpdateInstanceInformation"], resources: [arnOf(this, "ec2", "instance/*")] },
    );
    const profile = new IamInstanceProfile(this, "profile", {
      name: physicalName(this, { max: 128 }),
      role: role.name,
    });
    return { profile, rights: [rights] };
  }

  /** EC2 itself moves an instance off broken hardware; one whose system hangs it leaves alone. */
  private reboot(): void {
    const { name, namespace, dimensions, statistic } = this.metric("StatusCheckFailed_Instance", "Maximum");
    new CloudwatchMetricAlarm(this, "reboot", {
      alarmName: physicalName(this, { max: 255, suffix: "reboot" }),
      alarmDescription: `The system of the NAT instance ${pathOf(this).join("/")} has not answered for 3 minutes: reboots it.`,
      namespace,
      metricName: name,
      dimensions,
      statistic,
      period: 60,
      evaluationPeriods: 3,
      comparisonOperator: "GreaterThanThreshold",
      threshold: 0,
      treatMissingData: "notBreaching",
      alarmActions: [`arn:${partitionOf(this)}:automate:${regionOf(this)}:ec2:reboot`],
    });
  }

  private metric(name: string, statistic: string): Metric {
    return { namespace: "AWS/EC2", name, dimensions: { InstanceId: this.instanceId }, statistic };
  }
}
