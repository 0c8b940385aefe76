import { ResourceGroupsTaggingAPIClient, paginateGetResources } from "@aws-sdk/client-resource-groups-tagging-api";
import type { ClientConfig } from "./aws-clients";

export interface TaggedResource {
  readonly arn: string;
  /** The tag Name, which the console shows. */
  readonly name?: string;
}

/**
 * Everything with a deployment's tag, but IAM roles, which AWS does not list there. AWS lists what was made in the last
 * seconds late, and what was deleted for some time still.
 */
export async function taggedResources(deployment: string, config: ClientConfig): Promise<TaggedResource[]> {
  const found: TaggedResource[] = [];
  const input = { TagFilters: [{ Key: "deployment", Values: [deployment] }] };
  for await (const page of paginateGetResources({ client: new ResourceGroupsTaggingAPIClient(config) }, input)) {
    for (const { ResourceARN, Tags = [] } of page.ResourceTagMappingList ?? []) {
      const name = Tags.find(({ Key }) => Key === "Name")?.Value;
      found.push({ arn: String(ResourceARN), ...(name && { name }) });
    }
  }
  return found;
}
