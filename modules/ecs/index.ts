export { Cluster, type ClusterProps } from "./cluster";
export { HttpService, type HttpServiceProps } from "./http-service";
export { LoadBalancer, type LoadBalancerProps } from "./load-balancer";
export { Service, type ServiceProps } from "./service";
