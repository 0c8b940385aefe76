export { Role, type Grantee, type RoleProps, type Statement } from "./role";
export { RESOURCELESS_ACTIONS } from "./resourceless-actions";
export { tlsOnly } from "./tls-only";
