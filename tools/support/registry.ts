import { createHash } from "node:crypto";
import type { RegistryLogin } from "./ecr-images";
import { Failure } from "./failure";
import { checkInterrupted } from "./run";

/** What lists images for several processors. */
const INDEXES = [
  "application/vnd.oci.image.index.v1+json",
  "application/vnd.docker.distribution.manifest.list.v2+json",
];
const IMAGES = ["application/vnd.oci.image.manifest.v1+json", "application/vnd.docker.distribution.manifest.v2+json"];
const PAUSES = [500, 2000];

/** What an image, or an index of images, consists of; its digest is that of its bytes. */
export interface Manifest {
  readonly digest: string;
  readonly mediaType: string;
  readonly bytes: Buffer;
}

/** A part of a manifest that lies in the registry by its own digest. */
interface Descriptor {
  readonly digest: string;
  readonly size: number;
}

/** How much a copy had to send. */
export interface Copied {
  readonly blobs: number;
  readonly bytes: number;
}

/** A repository of a registry that speaks the OCI distribution protocol, such as ECR. */
export class RegistryRepository {
  private readonly base: string;
  private readonly authorization: string;

  /**
   * @param url as ECR tells it: "111111111111.dkr.ecr.eu-west-1.amazonaws.com/fb-dev-api-images"
   * @param pauses milliseconds before each further try of what the network, or the registry itself, let down
   */
  constructor(
    readonly url: string,
    { username, password }: RegistryLogin,
    private readonly pauses: readonly number[] = PAUSES,
  ) {
    const [host = "", ...name] = url.split("/");
    this.base = `${isLoopback(host) ? "http" : "https"}://${host}/v2/${name.join("/")}`;
    this.authorization = `Basic ${Buffer.from(`${username}:${password}`).toString("base64")}`;
  }

  /** @param reference a digest or a tag @throws Failure when it is not there, or is not what its digest says */
  async manifest(reference: string): Promise<Manifest> {
    const accept = [...INDEXES, ...IMAGES].join(", ");
    const { response, body } = await this.ask(`manifests/${reference}`, { headers: { accept } });
    if (response.status === 404) throw new Failure(`${this.url} has no image ${reference}.`);
    this.expect(response, body, 200);
    const digest = `sha256:${createHash("sha256").update(body).digest("hex")}`;
    if (reference.startsWith("sha256:") && reference !== digest) {
      throw new Failure(`${this.url} answers ${reference} with something else, ${digest}. Nothing of it was used.`);
    }
    return { digest, mediaType: response.headers.get("content-type") ?? "", bytes: body };
  }

  /** Whether it has an image, by its digest or tag. */
  hasManifest(reference: string): Promise<boolean> {
    return this.has(`manifests/${reference}`, [...INDEXES, ...IMAGES].join(", "));
  }

  hasBlob(digest: string): Promise<boolean> {
    return this.has(`blobs/${digest}`);
  }

  /** @param reference its digest or a new tag */
  async putManifest({ mediaType, bytes }: Manifest, reference: string): Promise<void> {
    const headers = { "content-type": mediaType };
    const { response, body } = await this.ask(`manifests/${reference}`, { method: "PUT", headers, body: bytes });
    this.expect(response, body, 201, 200);
  }

  /** Takes a blob over from another repository, as a stream: a layer may be larger than the memory. The registry checks its digest. */
  async takeBlob(from: RegistryRepository, digest: string): Promise<void> {
    await this.persistently(async () => {
      const begun = await this.request(`${this.base}/blobs/uploads/`, { method: "POST" });
      this.expect(begun, await bytesOf(begun), 202);
      const source = await from.request(`${from.base}/blobs/${digest}`, {});
      if (source.status !== 200) from.expect(source, await bytesOf(source), 200);
      const headers = { "content-type": "application/octet-stream" };
      const patch = { method: "PATCH", headers, body: source.body, duplex: "half" } as const;
      const sent = await this.request(this.location(begun), patch);
      this.expect(sent, await bytesOf(sent), 202, 201, 204);
      const end = this.location(sent);
      end.searchParams.set("digest", digest);
      const done = await this.request(end, { method: "PUT" });
      this.expect(done, await bytesOf(done), 201);
    });
  }

  private async has(path: string, accept = "*/*"): Promise<boolean> {
    const { response, body } = await this.ask(path, { method: "HEAD", headers: { accept } });
    if (response.status === 404) return false;
    this.expect(response, body, 200);
    return true;
  }

  private location({ headers, url }: Response): URL {
    return new URL(headers.get("location") ?? "", url);
  }

  private ask(path: string, init: RequestInit): Promise<{ response: Response; body: Buffer }> {
    return this.persistently(async () => {
      const response = await this.request(`${this.base}/${path}`, init);
      if (response.status >= 500) throw new Error(`it answered ${String(response.status)}`);
      return { response, body: await bytesOf(response) };
    });
  }

  /** ECR sends on to S3 for layers; fetch keeps the login from other hosts. */
  private request(url: string | URL, init: RequestInit): Promise<Response> {
    return fetch(url, { ...init, headers: { ...init.headers, authorization: this.authorization } });
  }

  private expect({ status }: Response, body: Buffer, ...expected: readonly number[]): void {
    if (expected.includes(status)) return;
    if (status >= 500) throw new Error(`it answered ${String(status)}`);
    const said = body.toString().trim().slice(0, 500);
    const rights =
      status === 401 || status === 403
        ? " These credentials may not do that: see the actions of ECR that it names."
        : "";
    throw new Failure(`The registry of ${this.url} answered ${String(status)}: ${said || "no reason"}.${rights}`);
  }

  /** @throws Failure at the end of all tries */
  private async persistently<T>(attempt: () => Promise<T>): Promise<T> {
    for (let tries = 0; ; tries += 1) {
      try {
        return await attempt();
      } catch (error) {
        if (error instanceof Failure) throw error;
        const pause = this.pauses[tries];
        if (pause === undefined) throw unreachable(this.url, error as Error);
        await new Promise((resolve) => setTimeout(resolve, pause));
      }
    }
  }
}

/**
 * Copies an image, or an index with all its images, with the same digest: what lies at the other end already is not sent
 * again, so a copy that was broken off goes on. The manifest comes last: a repository never has an image without its layers.
 * @param tags that it is to have there, beside the digest
 */
export async function copyImage(
  from: RegistryRepository,
  to: RegistryRepository,
  { digest, tags = [] }: { readonly digest: string; readonly tags?: readonly string[] },
  tell?: (progress: string) => void,
): Promise<Copied> {
  const manifest = await from.manifest(digest);
  const content = parsed(manifest, from);
  let copied: Copied = { blobs: 0, bytes: 0 };
  if (INDEXES.includes(manifest.mediaType)) {
    for (const child of content.manifests ?? []) {
      copied = sum(copied, await copyImage(from, to, { digest: child.digest }, tell));
    }
  } else {
    // Two layers of one image may be the same, an empty one for instance.
    const blobs = new Map([content.config, ...(content.layers ?? [])].filter(isPart).map((it) => [it.digest, it.size]));
    for (const [blob, bytes] of blobs) {
      checkInterrupted();
      if (await to.hasBlob(blob)) continue;
      tell?.(`${size(bytes)} to ${to.url}`);
      await to.takeBlob(from, blob);
      copied = sum(copied, { blobs: 1, bytes });
    }
  }
  for (const reference of tags.length > 0 ? tags : [digest]) {
    if (!(await to.hasManifest(reference))) await to.putManifest(manifest, reference);
  }
  return copied;
}

/** Bytes for people: "12.3 MB", "4 kB". */
export function size(bytes: number): string {
  const kilobytes = Math.ceil(bytes / 1000);
  return kilobytes < 1000 ? `${String(kilobytes)} kB` : `${(bytes / 1_000_000).toFixed(1)} MB`;
}

/** An address of this machine itself: its registry may speak plain HTTP. */
export function isLoopback(host: string): boolean {
  return /^(127\.\d+\.\d+\.\d+|localhost|\[::1\])(:\d+)?$/.test(host);
}

interface Content {
  readonly config?: Descriptor;
  readonly layers?: readonly Descriptor[];
  readonly manifests?: readonly Descriptor[];
}

function parsed({ digest, mediaType, bytes }: Manifest, { url }: RegistryRepository): Content {
  if ([...INDEXES, ...IMAGES].includes(mediaType)) return JSON.parse(bytes.toString()) as Content;
  throw new Failure(
    `${url}@${digest} is of a kind that is not copied here: "${mediaType}". Push it anew with a current engine.`,
  );
}

function isPart(part: Descriptor | undefined): part is Descriptor {
  return part !== undefined;
}

function sum(a: Copied, b: Copied): Copied {
  return { blobs: a.blobs + b.blobs, bytes: a.bytes + b.bytes };
}

async function bytesOf(response: Response): Promise<Buffer> {
  return Buffer.from(await response.arrayBuffer());
}

function unreachable(url: string, { message, cause }: Error): Failure {
  const why = cause instanceof Error ? cause.message : message;
  return new Failure(
    `The registry of ${url} cannot be reached: ${why}. What has been copied stays, and is not sent again.`,
  );
}
