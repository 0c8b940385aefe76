export { freePort } from "../../tools/support/port";
