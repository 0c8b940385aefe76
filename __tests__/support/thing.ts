import { Construct } from "constructs";
import { type AlarmSpec, type Graph, type Metric, type Monitored } from "../../modules/monitoring";

/** Something that is watched, with the alarms and graphs that it is given. */
export class Thing extends Construct implements Monitored {
  constructor(
    scope: Construct,
    id: string,
    private readonly specs: AlarmSpec[],
    private readonly shown: Graph[] = [],
  ) {
    super(scope, id);
  }
  alarms(): AlarmSpec[] {
    return this.specs;
  }
  graphs(): Graph[] {
    return this.shown;
  }
}

export const metric: Metric = {
  namespace: "AWS/ECS",
  name: "CPUUtilization",
  dimensions: { ServiceName: "api" },
  statistic: "Average",
};
