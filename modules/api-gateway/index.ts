export { HttpApi, type HttpApiProps } from "./http-api";
