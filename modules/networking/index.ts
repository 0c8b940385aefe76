export { Network, type NetworkProps } from "./network";
export { SecurityGroup, type Connectable, type SecurityGroupProps } from "./security-group";
