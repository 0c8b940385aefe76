export { DeadLetterQueue, type DeadLetterQueueProps } from "./dead-letter-queue";
export { FifoQueue, type FifoQueueProps } from "./fifo-queue";
export { Queue } from "./queue";
export { type MessageQueue, type QueueProps } from "./queue-pair";
