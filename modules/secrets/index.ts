export { Ephemeral } from "./ephemeral";
export { GeneratedPassword, type GeneratedPasswordProps } from "./generated-password";
export { Secret, type SecretProps } from "./secret";
