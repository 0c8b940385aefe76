import type { ClientConfig } from "../support/aws-clients";
import { type EcrImage, type RegistryLogin, findImage, registryLogin, repositoryUrl } from "../support/ecr-images";
import type { ImageOrigin } from "../support/image-origin";
import { type ImageRequest, imagesByDigest } from "../support/image-preparation";
import { Failure } from "../support/failure";
import { RegistryRepository, copyImage, size } from "../support/registry";
import type { ImageRepository } from "../support/released-services";

/** A deployment as somewhere that images are in. */
export interface Place {
  readonly deployment: string;
  readonly repositories: readonly ImageRepository[];
  readonly clients: ClientConfig;
}

/** Digits of a digest that tell images apart. */
const DIGITS = 12;

/**
 * The very images that one deployment runs, for a release of another: copied between their registries with their digests, with
 * the tag that they have. @param digests by image
 */
export function copiedImages(from: Place, to: Place, digests: ReadonlyMap<string, string>): ImageOrigin {
  const sources = (wanted: readonly ImageRequest[]): ImageRequest[] =>
    wanted.map(({ image }) => ({ image, repository: repositoryOf(image, from) }));
  return {
    title: `Images of ${from.deployment} copied`,
    check: async (wanted) => {
      await imagesByDigest(sources(wanted), digests, from.clients);
    },
    provide: async (wanted, tell) => {
      const [source, target] = await Promise.all([registryLogin(from.clients), registryLogin(to.clients)]);
      for (const { image, repository } of wanted) {
        const digest = digests.get(image) ?? "";
        const present = await findImage(repositoryOf(image, from), { digest }, from.clients);
        const tag = await freeTag(repository, digest, present?.tags[0], to.clients);
        const pair = [
          await registryRepository(repositoryOf(image, from), from.clients, source),
          await registryRepository(repository, to.clients, target),
        ] as const;
        const { bytes } = await copyImage(...pair, { digest, tags: [tag] }, (progress) => {
          tell(`${image}: ${progress}`);
        });
        tell(`${image}: ${bytes === 0 ? "is there" : `${size(bytes)} copied`}`);
      }
      return imagesByDigest(wanted, digests, to.clients);
    },
  };
}

/** Images as people know them: "v0.5.1 (4f2a9c11b0de)". */
export function described({ digest, tags }: Pick<EcrImage, "digest" | "tags">): string {
  const [tag] = tags;
  return tag === undefined ? short(digest) : `${tag} (${short(digest)})`;
}

function short(digest: string): string {
  return digest.replace("sha256:", "").slice(0, DIGITS);
}

/**
 * A tag for an image that it has already, or that is free: without any its repository would delete it after a week, and a tag
 * never moves. The same commit may have been built twice, once for each environment.
 */
async function freeTag(
  repository: string,
  digest: string,
  wanted: string | undefined,
  clients: ClientConfig,
): Promise<string> {
  const [plain, unmistakable] =
    wanted === undefined ? [`sha256-${short(digest)}`] : [wanted, `${wanted}-${short(digest)}`];
  const taken = await findImage(repository, { tag: plain }, clients);
  return taken === undefined || taken.digest === digest ? plain : (unmistakable ?? plain);
}

async function registryRepository(
  name: string,
  clients: ClientConfig,
  login: RegistryLogin,
): Promise<RegistryRepository> {
  const url = await repositoryUrl(name, clients);
  if (url !== undefined) return new RegistryRepository(url, login);
  throw new Failure(`The repository ${name} is not there.`);
}

function repositoryOf(image: string, { deployment, repositories }: Place): string {
  const found = repositories.find((repository) => repository.image === image);
  if (found !== undefined) return found.name;
  throw new Failure(`${deployment} has no images called ${image}. Nothing was changed.`);
}
