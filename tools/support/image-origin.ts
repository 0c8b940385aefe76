import type { ImageRequest, PreparedImage } from "./image-preparation";

/** Tells how far something is. */
type Tell = (progress: string) => void;

/**
 * Where a release has its images from: they are built of their folders, were pushed under a tag, or are copied from another
 * environment. What a release is called with: `release(…, { images: ImageOrigin })`.
 */
export interface ImageOrigin {
  /** As a line of what a release does: "Images of fb-staging copied". */
  readonly title: string;
  /** In the preflight, before anything is changed: repositories may not be there yet. @throws Failure when `provide` could not work */
  check(wanted: readonly ImageRequest[]): Promise<void>;
  /** Once the repositories are there: the images, in the order in which they are wanted. */
  provide(wanted: readonly ImageRequest[], tell: Tell): Promise<readonly PreparedImage[]>;
}
