export { Schedule, type ScheduleProps } from "./schedule";
