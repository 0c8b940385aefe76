export { type Durability } from "./durability";
export { Redis, type RedisProps } from "./redis";
