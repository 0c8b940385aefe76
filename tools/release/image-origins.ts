import { type ContainerEngine, findEngine } from "../support/container-engine";
import type { ImageOrigin } from "../support/image-origin";
import { type ImagePlan, type ImageRequest, buildAndPush, imagesByTag, planImages } from "../support/image-preparation";
import { imageSource } from "../support/image-source";
import type { ImageRepository } from "../support/released-services";
import type { Session } from "./session";

/** Images that were pushed before, by one tag. */
export function tagged(tag: string, { clients }: Session): ImageOrigin {
  return {
    title: `Images ${tag}`,
    check: async (wanted) => {
      await imagesByTag(wanted, tag, clients);
    },
    provide: (wanted) => imagesByTag(wanted, tag, clients),
  };
}

/** Images of the folders that cdktf.json names, built by Docker or Podman; what a repository has already is not built again. */
export function built({ stack, clients, env, log }: Session): ImageOrigin {
  let engine: ContainerEngine | undefined;
  const plans = (wanted: readonly ImageRequest[]): Promise<ImagePlan[]> =>
    planImages(
      wanted.map((request) => ({ ...request, source: imageSource(stack.system, request.image) })),
      clients,
    );
  const lacking = (all: readonly ImagePlan[]): boolean => all.some(({ present }) => present === undefined);
  return {
    title: "Images built and pushed",
    check: async (wanted) => {
      if (lacking(await plans(wanted))) engine = await findEngine(env);
    },
    provide: async (wanted, tell) => {
      const all = await plans(wanted);
      if (!lacking(all)) return all.flatMap(({ present }) => present ?? []);
      engine ??= await findEngine(env);
      return buildAndPush(all, engine, clients, { env, log, tell });
    },
  };
}

export function asRequest({ image, name }: ImageRepository): ImageRequest {
  return { image, repository: name };
}
