export { Certificate, type CertificateProps } from "./certificate";
export { type Https, checkHttps, isCertificate, isDomain } from "./https";
export { HostedZone } from "./hosted-zone";
