import { createHash } from "node:crypto";
import { type IncomingMessage, type ServerResponse, createServer } from "node:http";
import { type AddressInfo } from "node:net";

/** Who may do what in the test's registries. */
export const LOGIN = { username: "AWS", password: "s3cret:token" };
const AUTHORIZATION = `Basic ${Buffer.from(`${LOGIN.username}:${LOGIN.password}`).toString("base64")}`;

export function sha256(bytes: Buffer | string): string {
  return `sha256:${createHash("sha256").update(bytes).digest("hex")}`;
}

interface Stored {
  readonly mediaType: string;
  readonly bytes: Buffer;
}

/** The OCI distribution protocol on 127.0.0.1, as ECR speaks it: with a login, and layers on another host. */
export class TestRegistry {
  /** By "<repository>/<digest>". */
  readonly blobs = new Map<string, Buffer>();
  /** By "<repository>/<digest or tag>". */
  readonly manifests = new Map<string, Stored>();
  /** "PUT /v2/app/manifests/v1", in their order. */
  readonly requests: string[] = [];
  /** The login that came with each request of a layer to the other host. */
  readonly loginsElsewhere: (string | undefined)[] = [];
  /** As many requests whose line matches end without an answer. */
  dropped: { readonly line: RegExp; times: number } = { line: /^$/, times: 0 };
  private readonly uploads = new Map<string, Buffer>();
  private readonly servers = [
    createServer((request, response) => void this.answer(request, response)),
    createServer((request, response) => {
      this.loginsElsewhere.push(request.headers.authorization);
      response.end(this.blobs.get(String(request.url).slice(1)));
    }),
  ] as const;

  static async start(): Promise<TestRegistry> {
    const registry = new TestRegistry();
    for (const server of registry.servers) {
      await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    }
    return registry;
  }

  async stop(): Promise<void> {
    for (const server of this.servers) {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    }
  }

  get host(): string {
    return `127.0.0.1:${String(this.port(0))}`;
  }

  addBlob(repository: string, text: string): { digest: string; size: number; mediaType: string } {
    const bytes = Buffer.from(text);
    this.blobs.set(`${repository}/${sha256(bytes)}`, bytes);
    return { digest: sha256(bytes), size: bytes.length, mediaType: "application/vnd.oci.image.layer.v1.tar+gzip" };
  }

  /** @returns the digest */
  addManifest(repository: string, content: object, mediaType: string, ...tags: readonly string[]): string {
    const bytes = Buffer.from(JSON.stringify(content, undefined, 3));
    for (const reference of [sha256(bytes), ...tags])
      this.manifests.set(`${repository}/${reference}`, { mediaType, bytes });
    return sha256(bytes);
  }

  /** An image of some layers. @returns the digest */
  addImage(repository: string, layers: readonly string[], ...tags: readonly string[]): string {
    const config = this.addBlob(repository, JSON.stringify({ layers: layers.length }));
    const content = { schemaVersion: 2, config, layers: layers.map((layer) => this.addBlob(repository, layer)) };
    return this.addManifest(repository, content, "application/vnd.oci.image.manifest.v1+json", ...tags);
  }

  private port(server: 0 | 1): number {
    return (this.servers[server].address() as AddressInfo).port;
  }

  private async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const line = `${String(request.method)} ${String(request.url)}`;
    this.requests.push(line);
    if (this.dropped.line.test(line) && this.dropped.times > 0) {
      this.dropped.times -= 1;
      request.socket.destroy();
      return;
    }
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const reply = (status: number, headers: Record<string, string> = {}, body: Buffer | string = ""): void => {
      response.writeHead(status, headers).end(body);
    };
    if (request.headers.authorization !== AUTHORIZATION) {
      reply(401, {}, "Not Authorized");
      return;
    }
    const url = new URL(String(request.url), `http://${this.host}`);
    const [, repository = "", kind, rest = ""] = /^\/v2\/(.+?)\/(manifests|blobs)\/(.*)$/.exec(url.pathname) ?? [];
    const body = Buffer.concat(chunks);
    if (kind === "manifests") this.manifest(request, `${repository}/${rest}`, body, reply);
    else if (rest.startsWith("uploads/")) this.upload(request, repository, url, body, reply);
    else this.blob(`${repository}/${rest}`, reply);
  }

  private manifest(request: IncomingMessage, key: string, bytes: Buffer, reply: Reply): void {
    if (request.method === "PUT") {
      const [repository = ""] = key.split("/");
      const { config, layers = [], manifests = [] } = JSON.parse(bytes.toString()) as Parts;
      const blobs = [...(config ? [config] : []), ...layers].map(({ digest }) =>
        this.blobs.has(`${repository}/${digest}`),
      );
      const children = manifests.map(({ digest }) => this.manifests.has(`${repository}/${digest}`));
      if (![...blobs, ...children].every(Boolean)) {
        reply(400, {}, "MANIFEST_BLOB_UNKNOWN");
        return;
      }
      const stored = { mediaType: String(request.headers["content-type"]), bytes };
      for (const name of [key, `${repository}/${sha256(bytes)}`]) this.manifests.set(name, stored);
      reply(201);
      return;
    }
    const found = this.manifests.get(key);
    if (found === undefined || !request.headers.accept?.includes(found.mediaType)) reply(404, {}, "MANIFEST_UNKNOWN");
    else reply(200, { "content-type": found.mediaType }, request.method === "HEAD" ? "" : found.bytes);
  }

  private upload(request: IncomingMessage, repository: string, url: URL, bytes: Buffer, reply: Reply): void {
    const location = `/v2/${repository}/blobs/uploads/1?state=x`;
    if (request.method === "POST") {
      reply(202, { location });
    } else if (request.method === "PATCH") {
      this.uploads.set(repository, bytes);
      reply(202, { location: `http://${this.host}${location}` });
    } else {
      const digest = String(url.searchParams.get("digest"));
      const sent = this.uploads.get(repository) ?? Buffer.alloc(0);
      if (sha256(sent) !== digest || url.searchParams.get("state") !== "x") {
        reply(400, {}, "DIGEST_INVALID");
        return;
      }
      this.blobs.set(`${repository}/${digest}`, sent);
      reply(201);
    }
  }

  private blob(key: string, reply: Reply): void {
    if (this.blobs.has(key)) reply(307, { location: `http://127.0.0.1:${String(this.port(1))}/${key}` });
    else reply(404);
  }
}

type Reply = (status: number, headers?: Record<string, string>, body?: Buffer | string) => void;

interface Part {
  readonly digest: string;
}

interface Parts {
  readonly config?: Part;
  readonly layers?: readonly Part[];
  readonly manifests?: readonly Part[];
}
