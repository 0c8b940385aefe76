export { Certificate, type CertificateProps } from "./certificate";
export { type Https, checkHttps, isDomain } from "./https";
export { HostedZone } from "./hosted-zone";
