export { dev } from "./dev";
export { production } from "./production";
