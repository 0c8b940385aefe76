import { EcsCluster } from "@cdktf/provider-aws/lib/ecs-cluster";
import { EcsClusterCapacityProviders } from "@cdktf/provider-aws/lib/ecs-cluster-capacity-providers";
import { type ITerraformDependable } from "cdktf";
import { Construct } from "constructs";
import { check } from "../checks";
import { PRIMARY, pathOf, physicalName } from "../naming";

export interface ClusterProps {
  /**
   * "spot" costs about 70 % less; AWS takes tasks back with two minutes' notice, and may have none to give. There is no
   * fallback to on-demand: a service that finds no capacity waits for it, and its `placement` alarm says so.
   */
  readonly capacity: "spot" | "on-demand";
}

const PROVIDERS: Readonly<Record<ClusterProps["capacity"], string>> = { spot: "FARGATE_SPOT", "on-demand": "FARGATE" };

/** A cluster on Fargate, where every task runs on one kind of capacity. */
export class Cluster extends Construct {
  readonly name: string;
  readonly arn: string;
  /** "FARGATE_SPOT" or "FARGATE". */
  readonly capacityProvider: string;
  /** A service must wait for the cluster's capacity providers, and be gone before them: to be put into its `dependsOn`. */
  readonly capacity: ITerraformDependable;

  constructor(scope: Construct, id: string, props: ClusterProps) {
    super(scope, id);
    check(this, Object.hasOwn(PROVIDERS, props.capacity), {
      what: `${pathOf(this).join("/")}: capacity`,
      got: props.capacity,
      expected: Object.keys(PROVIDERS).join(" or "),
      fix: "Take spot where tasks may be interrupted.",
    });
    this.capacityProvider = PROVIDERS[props.capacity] ?? "FARGATE";
    const cluster = new EcsCluster(this, PRIMARY, {
      name: physicalName(this, { max: 255 }),
      // Some 25 custom metrics a service, $0.30 a month each. Scaling and alarms do with those that ECS sends for nothing.
      setting: [{ name: "containerInsights", value: "disabled" }],
    });
    this.name = cluster.name;
    this.arn = cluster.arn;
    this.capacity = new EcsClusterCapacityProviders(this, "capacity", {
      clusterName: this.name,
      capacityProviders: Object.values(PROVIDERS),
      defaultCapacityProviderStrategy: [{ capacityProvider: this.capacityProvider, weight: 1, base: 0 }],
    });
  }
}
