export { type AlarmSpec, type Graph, type Metric, type Monitored } from "./alarm-spec";
export { checkLogRetention } from "./log-retention";
export { Monitoring, type MonitoringProps } from "./monitoring";
