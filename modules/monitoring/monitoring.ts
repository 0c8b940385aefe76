import { Construct, type IConstruct } from "constructs";
import { check } from "../checks";
import { PRIMARY, pathOf } from "../naming";
import { regionOf } from "../naming/arn";
import { Alarm } from "./alarm";
import { type AlarmSpec, type Graph, type Monitored } from "./alarm-spec";
import { Dashboard } from "./dashboard";
import { Topic } from "./topic";

type Severity = AlarmSpec["severity"];

export interface MonitoringProps {
  /** Which alarms there are, about $0.10 a month each, and who is told by e-mail. @default none */
  readonly alarms?: {
    /** "critical": only what wakes somebody at night; "warning": all of them. */
    readonly atLeast: Severity;
    /** AWS sends it a link to confirm, once; until then it is told nothing. */
    readonly email: string | undefined;
  };
}

const INCLUDED: Readonly<Record<Severity, readonly Severity[]>> = {
  critical: ["critical"],
  warning: ["warning", "critical"],
};

/** A dashboard with a row for everything that is watched and, with `alarms`, an alarm for everything that can go wrong with it. */
export class Monitoring extends Construct {
  /** The dashboard in AWS's console. */
  readonly dashboardUrl: string;
  private readonly dashboard: Dashboard;
  /** What is alarmed on; nothing without `alarms`. */
  private readonly severities: readonly Severity[];
  private readonly topic?: Topic;
  private businessDashboard?: Dashboard;

  constructor(scope: Construct, id: string, { alarms }: MonitoringProps = {}) {
    super(scope, id);
    this.dashboard = new Dashboard(this, PRIMARY);
    const region = regionOf(this);
    this.dashboardUrl = `https://${region}.console.aws.amazon.com/cloudwatch/home?region=${region}#dashboards/dashboard/${this.dashboard.name}`;
    this.severities = alarms ? this.severitiesOf(alarms) : [];
    if (alarms) this.topic = new Topic(this, "alarms", { email: alarms.email ?? "" });
  }

  /** Adds a row to the dashboard for each that has something to show, in this order, and makes its alarms. */
  watch(...things: (Monitored & IConstruct)[]): void {
    for (const thing of things) {
      const graphs = thing.graphs();
      if (graphs.length > 0) this.dashboard.addRow(pathOf(thing).join("/"), graphs);
      for (const spec of thing.alarms()) this.alarm(thing, spec);
    }
  }

  /** Adds a row to a second page, for those who ask how the business goes and not how the machines do. */
  business(title: string, graphs: readonly Graph[]): void {
    this.businessDashboard ??= new Dashboard(this, "business");
    this.businessDashboard.addRow(title, graphs);
  }

  private alarm(of: IConstruct, spec: AlarmSpec): void {
    if (!this.topic || !this.severities.includes(spec.severity)) return;
    const id = [...pathOf(of), spec.id].join("-");
    const alarm = new Alarm(this, id, { of, spec, topicArn: this.topic.arn });
    this.dashboard.addAlarm(alarm.arn);
  }

  private severitiesOf({ atLeast, email }: NonNullable<MonitoringProps["alarms"]>): readonly Severity[] {
    const what = pathOf(this).join("/");
    const known = check(this, Object.hasOwn(INCLUDED, atLeast), {
      what: `${what}: alarms.atLeast`,
      got: atLeast,
      expected: Object.keys(INCLUDED).join(" or "),
      fix: "Leave alarms out to have none.",
    });
    check(this, typeof email === "string" && /^[^\s@]+@[^\s@]+\.[^\s@]+$/.test(email), {
      what: `${what}: alarms.email`,
      got: email,
      expected: "an e-mail address",
      fix: "Enter the account's alarmEmail, or leave alarms out.",
    });
    return known ? INCLUDED[atLeast] : [];
  }
}
