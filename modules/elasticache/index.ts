export { Redis, type RedisProps } from "./redis";
