export { Ephemeral } from "./ephemeral";
export { GeneratedPassword, type GeneratedPasswordProps } from "./generated-password";
export { JsonSecret, type ReadableSecret } from "./readable-secret";
export { type RotatableDatabase, type Rolled, RotatedLogin, type RotatedLoginProps } from "./rotated-login";
export { Secret, type SecretProps } from "./secret";
