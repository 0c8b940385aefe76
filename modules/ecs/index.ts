export { Cluster, type ClusterProps } from "./cluster";
export { HttpService, type HttpServiceProps } from "./http-service";
export { LoadBalancer, type LoadBalancerProps } from "./load-balancer";
export { OneOffTask, type Invocation, type OneOffTaskProps } from "./one-off-task";
export { Service, type ServiceProps } from "./service";
