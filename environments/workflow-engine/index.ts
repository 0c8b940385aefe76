export { dev } from "./dev";
export { production } from "./production";
export { staging } from "./staging";
