export { Authority, type Certificate } from "../../tools/support/certificates";
