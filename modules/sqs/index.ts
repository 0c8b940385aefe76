export { FifoQueue, type FifoQueueProps } from "./fifo-queue";
export { Queue } from "./queue";
export { type DeadLetters, type MessageQueue, type QueueProps } from "./queue-pair";
