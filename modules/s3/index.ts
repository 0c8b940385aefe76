export { LogBucket, type LogBucketProps, type LogWriter } from "./log-bucket";
