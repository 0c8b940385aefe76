export { type Domain } from "./custom-domain";
export { HttpApi, type HttpApiProps } from "./http-api";
