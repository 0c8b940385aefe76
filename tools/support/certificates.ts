import { generate } from "selfsigned";

export interface Certificate {
  /** PEM. */
  readonly cert: string;
  readonly key: string;
}

/** A certificate authority of its own, for servers on this machine; what it issues is valid for a year. */
export class Authority {
  private constructor(
    /** PEM: what a client must trust. */
    readonly cert: string,
    private readonly key: string,
  ) {}

  static async create(name: string): Promise<Authority> {
    const { cert, private: key } = await generate([{ name: "commonName", value: name }], {
      keyType: "ec",
      algorithm: "sha256",
      extensions: [
        { name: "basicConstraints", cA: true, critical: true },
        { name: "keyUsage", keyCertSign: true, cRLSign: true, critical: true },
      ],
    });
    return new Authority(cert, key);
  }

  /** A server certificate for host names and IPv4 addresses. */
  async issue(...hosts: string[]): Promise<Certificate> {
    const { cert, private: key } = await generate([{ name: "commonName", value: "local server" }], {
      keyType: "ec",
      algorithm: "sha256",
      ca: { cert: this.cert, key: this.key },
      extensions: [
        { name: "basicConstraints", cA: false },
        { name: "extKeyUsage", serverAuth: true },
        {
          name: "subjectAltName",
          altNames: hosts.map((host) => (/^[\d.]+$/.test(host) ? { type: 7, ip: host } : { type: 2, value: host })),
        },
      ],
    });
    return { cert, key };
  }
}
