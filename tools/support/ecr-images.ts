import {
  DescribeImagesCommand,
  DescribeRepositoriesCommand,
  ECRClient,
  GetAuthorizationTokenCommand,
  type ImageDetail,
  paginateDescribeImages,
} from "@aws-sdk/client-ecr";
import type { ClientConfig } from "./aws-clients";
import { Failure } from "./failure";
import { typed } from "./shell";
import { since } from "./time";

/** An image in a repository of ECR. */
export interface EcrImage {
  /** "sha256:…" */
  readonly digest: string;
  readonly tags: readonly string[];
  readonly pushedAt?: Date;
}

/** Which image: by its tag or by its digest. */
export type ImageId = { readonly tag: string } | { readonly digest: string };

/** Who may push to and pull from the registry of an account and region, for twelve hours. */
export interface RegistryLogin {
  readonly username: string;
  readonly password: string;
}

/** Tags that an error tells. */
const NEWEST = 10;
/** What a tag may be: https://github.com/opencontainers/distribution-spec/blob/main/spec.md#pulling-manifests */
const TAG = /^\w[\w.-]{0,127}$/;

/** @throws Failure for what no registry takes as a tag */
export function checkTag(tag: string): string {
  if (TAG.test(tag)) return tag;
  const expected = "1 to 128 letters, digits, _, . and -, the first of them no . or -";
  throw new Failure(`"${tag}" can be no image's tag: expected ${expected}. Nothing was changed.`, {
    next: "npm run release -- --help",
  });
}

/** Where a repository's images are, without a tag; undefined while there is no such repository. */
export async function repositoryUrl(repository: string, clients: ClientConfig): Promise<string | undefined> {
  const asked = new DescribeRepositoriesCommand({ repositoryNames: [repository] });
  const answer = await unless(new ECRClient(clients).send(asked), "RepositoryNotFoundException");
  return answer?.repositories?.[0]?.repositoryUri;
}

/** An image of a repository; undefined where there is no such image, or no such repository. */
export async function findImage(repository: string, id: ImageId, clients: ClientConfig): Promise<EcrImage | undefined> {
  const imageIds = ["tag" in id ? { imageTag: id.tag } : { imageDigest: id.digest }];
  const asked = new DescribeImagesCommand({ repositoryName: repository, imageIds });
  const answer = await unless(
    new ECRClient(clients).send(asked),
    "ImageNotFoundException",
    "RepositoryNotFoundException",
  );
  return answer?.imageDetails?.map(ecrImage)[0];
}

/** The images of a repository that have a tag, the newest first. */
async function newestImages(repository: string, clients: ClientConfig): Promise<EcrImage[]> {
  const pages = paginateDescribeImages(
    { client: new ECRClient(clients) },
    { repositoryName: repository, filter: { tagStatus: "TAGGED" } },
  );
  const found: EcrImage[] = [];
  for await (const { imageDetails = [] } of pages) found.push(...imageDetails.map(ecrImage));
  return found.sort((a, b) => (b.pushedAt?.getTime() ?? 0) - (a.pushedAt?.getTime() ?? 0));
}

/** @throws Failure that lists the repository's newest tags, with their age, when it has no such image */
export async function imageByTag(repository: string, tag: string, clients: ClientConfig): Promise<EcrImage> {
  const image = await findImage(repository, { tag: checkTag(tag) }, clients);
  if (image !== undefined) return image;
  const images = await unless(newestImages(repository, clients), "RepositoryNotFoundException");
  const newest = images?.[0]?.tags[0];
  throw new Failure(`${repository} has no image ${tag}. ${knownTags(images)} Nothing was changed.`, {
    next: typed({ without: ["--image-tag"], plus: newest === undefined ? [] : ["--image-tag", newest] }),
  });
}

/** @param images the newest first; undefined where there is no repository */
function knownTags(images: readonly EcrImage[] | undefined): string {
  if (images === undefined) return "There is no such repository yet: a release without a tag makes it.";
  if (images.length === 0) return "Nothing has been pushed to it.";
  const tags = images
    .slice(0, NEWEST)
    .map(({ tags, pushedAt }) => `  ${tags.join(", ")}${pushedAt ? `, ${since(pushedAt)}` : ""}`);
  return `Its newest:\n${tags.join("\n")}\n`;
}

export async function registryLogin(clients: ClientConfig): Promise<RegistryLogin> {
  const { authorizationData: [granted] = [] } = await new ECRClient(clients).send(new GetAuthorizationTokenCommand({}));
  const token = Buffer.from(granted?.authorizationToken ?? "", "base64").toString();
  const [username = "", ...password] = token.split(":");
  return { username, password: password.join(":") };
}

function ecrImage({ imageDigest = "", imageTags = [], imagePushedAt }: ImageDetail): EcrImage {
  return { digest: imageDigest, tags: imageTags, ...(imagePushedAt && { pushedAt: imagePushedAt }) };
}

/** An answer; undefined for one of these errors. */
async function unless<T>(answer: Promise<T>, ...names: readonly string[]): Promise<T | undefined> {
  return answer.catch((error: Error) => {
    if (names.includes(error.name)) return undefined;
    throw error;
  });
}

/** The digest that a reference ends with; undefined for one that names a tag. */
export function digestOf(reference: string): string | undefined {
  return /@(sha256:[0-9a-f]{64})$/.exec(reference)?.[1];
}
