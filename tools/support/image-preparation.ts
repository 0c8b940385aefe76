import { basename } from "node:path";
import type { ClientConfig } from "./aws-clients";
import { type ContainerEngine, type EngineTool } from "./container-engine";
import { type EcrImage, findImage, imageByTag, registryLogin, repositoryUrl } from "./ecr-images";
import { Failure } from "./failure";
import { sourceTag } from "./image-source";

/** An image that a release needs, and where it is to be. */
export interface ImageRequest {
  /** After its repository's place in the stack: "api". */
  readonly image: string;
  /** The repository's name in AWS: "fb-dev-api-images". */
  readonly repository: string;
}

export interface ImageToBuild extends ImageRequest {
  /** The folder that it is built of. */
  readonly source: string;
}

/** An image that its repository has. */
export interface PreparedImage extends ImageRequest {
  /** What a task definition and a pointer name: "<repository url>@sha256:…". */
  readonly reference: string;
  readonly digest: string;
  /** The tag that it was found or pushed by; undefined where it was asked for by digest and has none. */
  readonly tag?: string;
  /** Whether it was built and pushed just now. */
  readonly built: boolean;
}

/** An image as its source is now, and where it is in its repository, if it is there. */
export interface ImagePlan {
  readonly wanted: ImageToBuild;
  readonly tag: string;
  /** @default it has to be built, or its repository is not there yet */
  readonly present?: PreparedImage;
}

/** Images that have been pushed, all of them by one tag. @throws Failure that lists a repository's newest tags where it lacks this one */
export async function imagesByTag(
  wanted: readonly ImageRequest[],
  tag: string,
  clients: ClientConfig,
): Promise<PreparedImage[]> {
  return Promise.all(
    wanted.map(async (request) => {
      const found = await imageByTag(request.repository, tag, clients);
      return prepared(request, found, clients, { tag });
    }),
  );
}

/** Likewise, each by its digest. @param digests by image @throws Failure for one that its repository does not have */
export async function imagesByDigest(
  wanted: readonly ImageRequest[],
  digests: ReadonlyMap<string, string>,
  clients: ClientConfig,
): Promise<PreparedImage[]> {
  return Promise.all(
    wanted.map(async (request) => {
      const digest = digests.get(request.image) ?? "";
      const found = digest === "" ? undefined : await findImage(request.repository, { digest }, clients);
      if (found === undefined) {
        throw new Failure(
          `${request.repository} has no image ${digest || `for ${request.image}`}. Nothing was changed.`,
        );
      }
      const [tag] = found.tags;
      return prepared(request, found, clients, tag === undefined ? {} : { tag });
    }),
  );
}

/** What has to be built, and what is there already: a repeated release builds nothing twice, as tags never move. */
export async function planImages(wanted: readonly ImageToBuild[], clients: ClientConfig): Promise<ImagePlan[]> {
  const tags = new Map<string, Promise<string>>();
  const tagOf = (source: string): Promise<string> => {
    const tag = tags.get(source) ?? sourceTag(source);
    tags.set(source, tag);
    return tag;
  };
  return Promise.all(
    wanted.map(async (request) => {
      const tag = await tagOf(request.source);
      const found = await findImage(request.repository, { tag }, clients);
      const present = found && (await prepared(request, found, clients, { tag }));
      return { wanted: request, tag, ...(present && { present }) };
    }),
  );
}

/**
 * Builds what the plans lack, each folder once, and pushes it to every repository that lacks it.
 * @throws Failure when a build or a push fails, or ECR has another digest than was pushed
 */
export async function buildAndPush(
  plans: readonly ImagePlan[],
  engine: ContainerEngine,
  clients: ClientConfig,
  tool: EngineTool,
): Promise<PreparedImage[]> {
  const missing = plans.filter(({ present }) => present === undefined);
  const pushed = new Map<ImagePlan, PreparedImage>();
  for (const source of new Set(missing.map(({ wanted }) => wanted.source))) {
    const ofSource = missing.filter(({ wanted }) => wanted.source === source);
    const names = await Promise.all(ofSource.map(({ wanted, tag }) => taggedName(wanted, tag, clients)));
    tool.tell?.(`build of ${basename(source)}`);
    await engine.build(source, names, prefixed(tool, `build of ${basename(source)}`));
    const login = await registryLogin(clients);
    for (const [index, plan] of ofSource.entries()) {
      const push = { name: names[index] ?? "", login };
      const digest = await engine.push(push, prefixed(tool, `push of ${plan.wanted.image}`));
      pushed.set(plan, { ...(await confirmed(plan, digest, clients)), built: true });
    }
  }
  return plans.map((plan) => plan.present ?? (pushed.get(plan) as PreparedImage));
}

/** What was pushed, as ECR tells it: a registry in between, or another engine's push, could have made it something else. */
async function confirmed({ wanted, tag }: ImagePlan, digest: string, clients: ClientConfig): Promise<PreparedImage> {
  const found = await findImage(wanted.repository, { tag }, clients);
  if (found?.digest === digest) return prepared(wanted, found, clients, { tag });
  const has = found === undefined ? "no such image" : `${found.digest} there`;
  throw new Failure(
    `${wanted.repository}:${tag} was pushed as ${digest}, but ECR has ${has}. Nothing runs it: no pointer was written.`,
  );
}

async function taggedName({ repository }: ImageRequest, tag: string, clients: ClientConfig): Promise<string> {
  return `${await existingUrl(repository, clients)}:${tag}`;
}

async function prepared(
  { image, repository }: ImageRequest,
  { digest }: EcrImage,
  clients: ClientConfig,
  named: { readonly tag?: string },
): Promise<PreparedImage> {
  const reference = `${await existingUrl(repository, clients)}@${digest}`;
  return { image, repository, reference, digest, ...named, built: false };
}

async function existingUrl(repository: string, clients: ClientConfig): Promise<string> {
  const url = await repositoryUrl(repository, clients);
  if (url !== undefined) return url;
  throw new Failure(`The repository ${repository} is not there: the deployment makes it.`);
}

function prefixed(tool: EngineTool, what: string): EngineTool {
  return {
    ...tool,
    tell: (progress) => {
      tool.tell?.(`${what}: ${progress}`);
    },
  };
}
