export { Postgres, type PostgresProps } from "./postgres";
