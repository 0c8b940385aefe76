export { Certificate, type CertificateProps } from "./certificate";
export { type Https, checkHttps } from "./https";
export { HostedZone } from "./hosted-zone";
