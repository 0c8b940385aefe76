export { Aurora, type AuroraProps } from "./aurora";
export { type Capacity } from "./capacity";
export { Postgres, type PostgresProps } from "./postgres";
