export { Function, type FunctionProps } from "./function";
