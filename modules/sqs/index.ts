export { Queue, type QueueProps } from "./queue";
