export { type EventSourceProps } from "./event-source";
export { Function, type FunctionProps } from "./function";
export { type ShiftKind } from "./shift";
export { type Objectives } from "./watch";
